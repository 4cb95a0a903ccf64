//! How the service looks to people: its name, its logo and its accent colour, as the operator of a deployment sets them.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oauth::{Config, Error};

use super::colour::{Colour, DARK, LIGHT, Shades};

/// The one stylesheet, but for the accent.
const STYLE: &str = include_str!("../../templates/style.css");

/// What every page and mail shows of the service.
#[derive(Clone, Debug)]
pub struct Look {
    accent: Colour,
    name: String,
    logo: Option<Picture>,
    icon: String,
    style: String,
    /// What a content security policy says of it.
    style_source: String,
}

/// A picture that the browser shows as one: what is in it runs no script and loads nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Picture {
    address: String,
    is_remote: bool,
}

impl Look {
    /// Reads `SERVICE_NAME`, `LOGO` and `ACCENT_COLOR`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let unread = |name: &str| Error::fault(format!("the environment variable {name} cannot be read"));
        let accent = Colour::parse(config.required("ACCENT_COLOR")?).ok_or_else(|| unread("ACCENT_COLOR"))?;
        let logo = config.optional("LOGO").map(|logo| Picture::read(logo).ok_or_else(|| unread("LOGO"))).transpose()?;
        let style = format!(
            "{STYLE}:root{{{}}}@media(prefers-color-scheme:dark){{:root{{{}}}}}",
            accent.properties(LIGHT),
            accent.properties(DARK)
        );
        Ok(Self {
            accent,
            name: config.required("SERVICE_NAME")?.to_owned(),
            icon: logo.as_ref().map_or_else(|| gate(accent), |logo| logo.address.clone()),
            logo,
            style_source: source(&style),
            style,
        })
    }

    /// What the service is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The colours of mails, in light and in dark.
    pub fn shades(&self) -> [Shades; 2] {
        [LIGHT, DARK].map(|surfaces| self.accent.shades(surfaces))
    }

    /// The address of the logo, if it is somewhere on the web. Mail programs show no other.
    pub fn remote_logo(&self) -> Option<&str> {
        self.logo.as_ref().filter(|logo| logo.is_remote).map(|logo| logo.address.as_str())
    }

    /// The address of the logo, if there is one.
    pub(super) fn logo(&self) -> Option<&str> {
        self.logo.as_ref().map(|logo| logo.address.as_str())
    }

    /// The address of the picture in the browser's tab.
    pub(super) fn icon(&self) -> &str {
        &self.icon
    }

    /// The stylesheet.
    pub(super) fn style(&self) -> &str {
        &self.style
    }

    /// The value of `style-src` in a content security policy.
    pub(super) fn style_source(&self) -> &str {
        &self.style_source
    }

    /// The value of `img-src` in a content security policy: pictures in the page itself, and the one remote logo.
    pub(super) fn picture_source(&self) -> String {
        match self.logo.as_ref().filter(|logo| logo.is_remote) {
            Some(logo) => format!("data: {}", logo.address),
            None => "data:".to_owned(),
        }
    }
}

impl Picture {
    /// Reads an https address, a `data:` address of a picture, or SVG markup. The markup is never part of a page: it
    /// becomes a `data:` address.
    fn read(logo: &str) -> Option<Self> {
        let logo = logo.trim();
        if logo.starts_with("<svg") {
            let address = format!("data:image/svg+xml;base64,{}", STANDARD.encode(logo));
            return Some(Self { address, is_remote: false });
        }
        // What could end a source expression of a policy (Content Security Policy, level 3, section 2.3.1) is refused.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%:+=".contains(c);
        let picture = |is_remote| Self { address: logo.to_owned(), is_remote };
        if let Some(rest) = logo.strip_prefix("https://") {
            return (!rest.is_empty() && rest.chars().all(plain)).then(|| picture(true));
        }
        let (kind, data) = logo.strip_prefix("data:image/")?.split_once(";base64,")?;
        (["svg+xml", "png", "webp"].contains(&kind) && STANDARD.decode(data).is_ok()).then(|| picture(false))
    }
}

/// What stands in for a logo in the browser's tab.
fn gate(accent: Colour) -> String {
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><rect width='24' height='24' rx='6' fill='{accent}'/>\
         <path d='M6 18.5V12a6 6 0 0 1 12 0v6.5M10 18.5v-6a2 2 0 0 1 4 0v6' fill='none' stroke='#fff' stroke-width='2' \
         stroke-linecap='round'/></svg>"
    );
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

/// What a content security policy calls an inline text (Content Security Policy, level 3, section 2.3.1).
pub(super) fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(pairs: &[(&str, &str)]) -> Result<Look, Error> {
        let standard = [("SERVICE_NAME", "Acme ID"), ("ACCENT_COLOR", "#0a6350")];
        let kept = standard.iter().filter(|(name, _)| pairs.iter().all(|(other, _)| other != name));
        let pairs = kept.chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Look::read(&Config::from_pairs(pairs))
    }

    #[test]
    fn markup_becomes_a_picture_and_is_never_part_of_a_page() {
        let look =
            look(&[("LOGO", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")]).unwrap();
        let logo = look.logo().unwrap();
        assert!(logo.starts_with("data:image/svg+xml;base64,") && !logo.contains('<'), "{logo}");
        assert_eq!((look.picture_source().as_str(), look.icon()), ("data:", logo));
    }

    #[test]
    fn a_remote_logo_is_the_one_address_that_a_page_may_load() {
        let address = "https://cdn.example/logo.svg";
        assert_eq!(look(&[("LOGO", address)]).unwrap().picture_source(), format!("data: {address}"));
        assert_eq!(look(&[]).unwrap().picture_source(), "data:");
    }

    #[test]
    fn what_is_no_picture_or_writes_a_policy_is_refused() {
        for logo in [
            "https://cdn.example/a;script-src *",
            "https://cdn.example/a b",
            "https://cdn.example/*",
            "https://",
            "http://cdn.example/logo.svg",
            "javascript:alert(1)",
            "data:text/html;base64,PGI+",
            "data:image/png;base64,?",
            "logo.svg",
        ] {
            assert!(look(&[("LOGO", logo)]).is_err(), "{logo}");
        }
        assert!(look(&[("LOGO", "data:image/png;base64,iVBORw0KGgo=")]).is_ok());
        assert!(look(&[("ACCENT_COLOR", "red")]).is_err());
    }

    #[test]
    fn a_hash_is_the_one_that_a_browser_computes() {
        // `printf %s 'a{}' | openssl dgst -sha256 -binary | base64`
        assert_eq!(source("a{}"), "'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='");
    }

    #[test]
    fn the_stylesheet_is_small_and_cannot_end_its_element() {
        let look = look(&[]).unwrap();
        assert!(look.style().len() < 9 * 1024, "{}", look.style().len());
        assert!(!look.style().contains("</") && !look.style().contains("<!--"));
    }
}
