//! Reads a JSON object and refuses repeated members, even among members that the reader ignores.
//!
//! RFC 7515 section 4 and RFC 7519 section 4 let a reader refuse repeated members or take the last one. Two readers
//! that choose differently see two different tokens, so we refuse. `serde_json` refuses only repetitions of members
//! that the target type knows, and would read a JSON array into a struct by position.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

/// Most members that an object may have. It bounds the search for repetitions.
const MAX_MEMBERS: usize = 64;

/// Parses `text`, which must be exactly one JSON object, as a `T`.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Object(&mut json))?;
    json.end()?;
    Ok(value)
}

/// For members that may be absent but not `null`. Use with `#[serde(default)]`.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Reads an object, whatever type the caller asks for.
struct Object<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Object<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Members(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Members<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Members<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Once { map, seen: Vec::with_capacity(16) })
    }
}

/// Forwards the members and remembers their names.
struct Once<'de, A> {
    map: A,
    seen: Vec<Name<'de>>,
}

/// A member's name, unescaped: `"\u0061lg"` is `"alg"`.
#[derive(PartialEq, Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Once<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(name) = self.map.next_key::<Name<'de>>()? else { return Ok(None) };
        if self.seen.contains(&name) {
            return Err(A::Error::custom("repeated member"));
        }
        if self.seen.len() == MAX_MEMBERS {
            return Err(A::Error::custom("too many members"));
        }
        let key = seed.deserialize(name.0.as_ref().into_deserializer())?;
        self.seen.push(name);
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Known {
        a: u64,
        #[serde(default, deserialize_with = "present")]
        b: Option<String>,
    }

    #[test]
    fn an_object_is_read_and_unknown_members_are_ignored() {
        let known = Known { a: 1, b: Some("x".to_owned()) };
        assert_eq!(read::<Known>(r#" {"a":1,"c":[{"a":2,"a":3}],"b":"x"} "#).unwrap(), known);
        assert_eq!(read::<Known>(r#"{"a":1}"#).unwrap().b, None);
    }

    #[test]
    fn a_repeated_member_is_refused_however_it_is_escaped_and_even_if_it_is_unknown() {
        for text in
            [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":1}"#, r#"{"a":1,"c":1,"c":2}"#, r#"{"c":1,"a":1,"\u0063":2}"#]
        {
            assert!(read::<Known>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_an_object_is_an_object() {
        for text in ["[1]", "1", "null", "\"a\"", "", "{", r#"{"a":1}x"#, r#"{"a":1}{}"#, r#"{"a":1,}"#, r#"{"a":1.0}"#]
        {
            assert!(read::<Known>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn null_is_not_absence() {
        assert!(read::<Known>(r#"{"a":1,"b":null}"#).is_err());
    }

    #[test]
    fn the_number_of_members_is_bounded() {
        let object = |members: usize| {
            let names: Vec<_> = (0..members).map(|n| if n == 0 { "a".to_owned() } else { format!("m{n}") }).collect();
            format!(r#"{{"{}":1}}"#, names.join(r#"":1,""#))
        };
        assert!(read::<Known>(&object(MAX_MEMBERS)).is_ok());
        assert!(read::<Known>(&object(MAX_MEMBERS + 1)).is_err());
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!(r#"{{"a":1,"b":{}}}"#, "[".repeat(100_000));
        assert!(read::<Known>(&deep).is_err());
        let deep = format!(r#"{{"a":1,"c":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(read::<Known>(&deep).is_ok(), "ignored values are not recursed into");
    }
}
