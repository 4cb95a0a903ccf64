//! The languages of the hosted pages. A person gets the language that the app requests (`ui_locales`, OpenID Connect
//! Core section 3.1.2.1), otherwise the one that the browser prefers (`Accept-Language`, RFC 9110 section 12.5.4),
//! otherwise the first one that the service offers.
//!
//! Tags are compared by their primary subtag (RFC 5646): `pt-BR` gets Portuguese.

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::error::Error;

/// Longest `ui_locales` and `Accept-Language` that are used, in bytes. A longer one counts as absent.
pub const MAX_BYTES: usize = 256;

/// A language of the pages and mails. Stored as its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// `en`
    #[serde(rename = "en")]
    English,
    /// `de`
    #[serde(rename = "de")]
    German,
    /// `fr`
    #[serde(rename = "fr")]
    French,
    /// `es`
    #[serde(rename = "es")]
    Spanish,
    /// `pt`
    #[serde(rename = "pt")]
    Portuguese,
    /// `ja`
    #[serde(rename = "ja")]
    Japanese,
    /// `ar`
    #[serde(rename = "ar")]
    Arabic,
}

/// The languages that a service offers, the default first. There is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Languages(Vec<Language>);

impl Language {
    /// Every language, English first.
    pub const ALL: [Self; 7] =
        [Self::English, Self::German, Self::French, Self::Spanish, Self::Portuguese, Self::Japanese, Self::Arabic];

    /// The language's tag (RFC 5646).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Japanese => "ja",
            Self::Arabic => "ar",
        }
    }

    /// The writing direction: `ltr` or `rtl`.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
        }
    }

    /// The language of a tag, ignoring region and script.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

impl Languages {
    /// Reads `LANGUAGES`, a list of tags. Absent means every language.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let unknown =
            |tag: &str| Error::fault(format!("the environment variable LANGUAGES names an unknown language: {tag:?}"));
        let listed = config.list("LANGUAGES");
        let listed = listed.iter().map(|tag| Language::of_tag(tag).ok_or_else(|| unknown(tag)));
        let listed = listed.collect::<Result<Vec<_>, _>>()?;
        Ok(if listed.is_empty() { Self(Language::ALL.to_vec()) } else { Self(listed) })
    }

    /// The tags of the languages.
    pub fn tags(&self) -> Vec<&'static str> {
        self.0.iter().map(|language| language.tag()).collect()
    }

    /// The language for an app that sent `ui_locales` and a browser that sent `accept_language`.
    pub fn choose(&self, ui_locales: Option<&str>, accept_language: Option<&str>) -> Language {
        let asked = ui_locales.filter(|text| text.len() <= MAX_BYTES).unwrap_or_default().split(' ');
        let preferred = preferred(accept_language.filter(|text| text.len() <= MAX_BYTES).unwrap_or_default());
        let wanted = asked.chain(preferred).filter_map(Language::of_tag);
        let offered = wanted.into_iter().find(|language| self.0.contains(language));
        offered.or_else(|| self.0.first().copied()).unwrap_or(Language::English)
    }
}

/// The ranges of an `Accept-Language` header, most preferred first, without those of weight zero.
fn preferred(header: &str) -> impl Iterator<Item = &str> {
    let mut ranges: Vec<(&str, f32)> = header.split(',').filter_map(weighed).collect();
    ranges.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    ranges.into_iter().map(|(tag, _)| tag)
}

/// A range and its weight. `None` if the weight is zero or malformed.
fn weighed(range: &str) -> Option<(&str, f32)> {
    let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
    let weight = weight.trim().strip_prefix("q=")?.parse().ok()?;
    (weight > 0.0).then_some((tag.trim(), weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(list: &str) -> Languages {
        Languages::read(&Config::from_pairs([("LANGUAGES".to_owned(), list.to_owned())])).unwrap()
    }

    #[test]
    fn the_app_overrides_the_browser_and_the_browser_the_service() {
        let all = languages("");
        assert_eq!(all.choose(Some("xx fr-CA de"), Some("ja")), Language::French);
        assert_eq!(all.choose(Some("xx"), Some("ja, en")), Language::Japanese);
        assert_eq!(all.choose(None, Some("xx")), Language::English);
        assert_eq!(all.choose(None, None), Language::English);
    }

    #[test]
    fn an_accept_language_header_is_read_by_its_weights() {
        let all = languages("");
        for (header, expected) in [
            ("de-AT;q=0.7, es;q=0.9, *;q=0.1", Language::Spanish),
            ("PT-br,pt;q=0.9,en;q=0.8", Language::Portuguese),
            ("de;q=0, ar ;q=0.3", Language::Arabic),
            ("de;q=nonsense, fr;q=0.1", Language::French),
            (",;,=", Language::English),
        ] {
            assert_eq!(all.choose(None, Some(header)), expected, "{header}");
        }
        assert_eq!(all.choose(None, Some(&format!("de{}", " ".repeat(MAX_BYTES)))), Language::English);
    }

    #[test]
    fn a_service_offers_the_languages_that_it_lists_and_falls_back_on_the_first() {
        let two = languages("de, fr");
        assert_eq!(two.tags(), ["de", "fr"]);
        assert_eq!(two.choose(Some("en"), Some("fr")), Language::French);
        assert_eq!(two.choose(Some("en"), None), Language::German);
        let config = Config::from_pairs([("LANGUAGES".to_owned(), "tlh".to_owned())]);
        assert!(Languages::read(&config).is_err());
    }
}
