//! The level of authentication that a client asks for: `acr_values` (OpenID Connect Core section 3.1.2.1), or `acr` in
//! `claims` (section 5.5.1.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::authentication::Level;
use crate::claims;
use crate::error::{Code, Error};
use crate::parameters::Parameters;

/// The level that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedLevels {
    /// The levels of which each would do, the preferred one first. Empty: any level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    any_of: Vec<Level>,
    /// Whether the request is refused if none of them is reached. Otherwise they are a preference.
    #[serde(default)]
    is_essential: bool,
}

impl WantedLevels {
    /// Reads the parameters. Unknown values are left out. Refuses an essential `acr` that no sign-in of this service reaches.
    pub fn read(parameters: &Parameters) -> Result<Self, Error> {
        let document = claims::document(parameters)?;
        let acr = document.as_ref().and_then(|document| document.get("id_token")?.get("acr"));
        if let Some(acr) = acr.filter(|acr| acr.is_object()) {
            return Self::of_claim(acr);
        }
        let words = parameters.optional("acr_values").unwrap_or_default().split(' ');
        Ok(Self { any_of: known(words), is_essential: false })
    }

    fn of_claim(acr: &Value) -> Result<Self, Error> {
        let values = acr["values"].as_array().map_or(&[][..], Vec::as_slice);
        let words: Vec<&str> = acr.get("value").into_iter().chain(values).filter_map(Value::as_str).collect();
        let any_of = known(words.iter().copied());
        let is_essential = acr["essential"] == true && !words.is_empty();
        let is_reachable = any_of.iter().any(|level| Level::REACHABLE.contains(level));
        if is_essential && !is_reachable {
            return Err(Error::new(Code::UnmetAuthenticationRequirements, "no sign-in reaches the essential acr"));
        }
        Ok(Self { any_of, is_essential })
    }

    /// The level to which a person is led who can reach `best`: the preferred one of those within reach. `None`: the request
    /// is refused, because an essential level is out of reach.
    pub fn aim(&self, best: Level) -> Option<Level> {
        if self.any_of.is_empty() {
            return Some(Level::default());
        }
        let within_reach = self.any_of.iter().copied().find(|level| *level <= best);
        within_reach.or((!self.is_essential).then_some(best))
    }

    /// The level that tokens name for an authentication of `level`. The answer to an essential request is one of its values,
    /// and a higher level includes the lower ones.
    pub fn named(&self, level: Level) -> Level {
        let included = self.any_of.iter().copied().filter(|wanted| self.is_essential && *wanted <= level).max();
        included.unwrap_or(level)
    }
}

/// The known levels among `words`, in their order.
fn known<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Level> {
    let mut levels = Vec::new();
    for level in words.filter_map(Level::of) {
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{OneFactor, PhishingResistant, TwoFactors};

    fn read(name: &str, value: &str) -> Result<WantedLevels, Code> {
        WantedLevels::read(&Parameters::from_pairs([(name, value)]).unwrap()).map_err(|error| error.code())
    }

    fn claim(acr: &str) -> Result<WantedLevels, Code> {
        read("claims", &format!(r#"{{"id_token":{{"acr":{acr}}}}}"#))
    }

    #[test]
    fn acr_values_are_a_preference_whose_unknown_words_are_left_out() {
        let wanted = read("acr_values", "urn:example:gold 2 1 2").unwrap();
        assert_eq!(wanted, WantedLevels { any_of: vec![TwoFactors, OneFactor], is_essential: false });
        assert_eq!((wanted.aim(OneFactor), wanted.aim(PhishingResistant)), (Some(OneFactor), Some(TwoFactors)));
        let high = read("acr_values", "phr").unwrap();
        assert_eq!(high.aim(TwoFactors), Some(TwoFactors), "the best that there is");
        assert_eq!(read("acr_values", "0 gold").unwrap().aim(TwoFactors), Some(OneFactor), "no wish");
        assert_eq!(read("scope", "openid").unwrap().aim(TwoFactors), Some(OneFactor));
    }

    #[test]
    fn an_essential_level_is_reached_or_the_request_is_refused() {
        let wanted = claim(r#"{"essential":true,"values":["phr","1"]}"#).unwrap();
        assert_eq!((wanted.aim(PhishingResistant), wanted.aim(TwoFactors)), (Some(PhishingResistant), Some(OneFactor)));
        assert_eq!((wanted.named(TwoFactors), wanted.named(PhishingResistant)), (OneFactor, PhishingResistant));
        let only = WantedLevels { any_of: vec![TwoFactors], is_essential: true };
        assert_eq!((only.aim(OneFactor), only.aim(PhishingResistant)), (None, Some(TwoFactors)));
        assert_eq!((only.named(PhishingResistant), only.named(TwoFactors)), (TwoFactors, TwoFactors));
    }

    #[test]
    fn a_preference_names_the_level_that_was_reached() {
        let wanted = claim(r#"{"values":["1"]}"#).unwrap();
        assert_eq!(wanted.named(PhishingResistant), PhishingResistant);
    }

    #[test]
    fn an_essential_level_that_nobody_reaches_is_refused_at_once() {
        for acr in [r#"{"essential":true,"values":["gold"]}"#, r#"{"essential":true,"value":"0"}"#] {
            assert_eq!(claim(acr), Err(Code::UnmetAuthenticationRequirements), "{acr}");
        }
        for acr in
            [r#"{"essential":true,"values":["gold","1"]}"#, r#"{"essential":true}"#, r#"{"values":["gold"]}"#, "null"]
        {
            assert!(claim(acr).is_ok(), "{acr}");
        }
    }
}
