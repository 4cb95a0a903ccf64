//! Intrinsic functions as written: the short form `!Name argument` and the long form `{Fn::Name: argument}`.

use yaml_serde::Value;

use super::problem::Problem;

/// The intrinsic that a value calls, without `!` or `Fn::`, and its argument.
pub(super) fn call(value: &Value) -> Option<(String, &Value)> {
    match value {
        Value::Tagged(tagged) => Some((tagged.tag.to_string().trim_start_matches('!').to_owned(), &tagged.value)),
        Value::Mapping(mapping) if mapping.len() == 1 => {
            let (key, argument) = mapping.iter().next()?;
            let name = key.as_str()?;
            let name = if name == "Ref" { name } else { name.strip_prefix("Fn::")? };
            Some((name.to_owned(), argument))
        }
        _ => None,
    }
}

/// The argument of an intrinsic that takes a list, of `count` items where that is fixed.
pub(super) fn list(argument: &Value, count: Option<usize>) -> Result<&[Value], Problem> {
    match (argument, count) {
        (Value::Sequence(items), None) => Ok(items),
        (Value::Sequence(items), Some(count)) if items.len() == count => Ok(items),
        (_, Some(count)) => Err(Problem::new(format!("takes a list of {count}"))),
        (_, None) => Err(Problem::new("takes a list")),
    }
}

/// The argument of an intrinsic that takes a name.
pub(super) fn name(argument: &Value) -> Result<&str, Problem> {
    argument.as_str().ok_or_else(|| Problem::new("takes a name"))
}

/// A piece of the text that `Fn::Sub` works on.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// Text as it stands.
    Text(&'a str),
    /// What stood between `${` and `}`.
    Name(&'a str),
}

/// Splits the text of `Fn::Sub`; `${!Name}` stands for a literal `${Name}`.
pub(super) fn pieces(mut text: &str) -> Result<Vec<Piece<'_>>, Problem> {
    let mut pieces = Vec::new();
    while let Some(start) = text.find("${") {
        let inner = &text[start + 2..];
        let end = inner.find('}').ok_or_else(|| Problem::new("`${` without `}`"))?;
        pieces.push(Piece::Text(&text[..start]));
        match inner[..end].strip_prefix('!') {
            Some(_) => {
                pieces.push(Piece::Text("${"));
                pieces.push(Piece::Text(&inner[1..=end]));
            }
            None => pieces.push(Piece::Name(inner[..end].trim())),
        }
        text = &inner[end + 1..];
    }
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_keeps_a_literal_apart_from_a_name() {
        let found = pieces("a${B.C}d${!E}f").expect("well-formed");
        let text = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Name(name) => format!("<{name}>"),
        };
        assert_eq!(found.iter().map(text).collect::<String>(), "a<B.C>d${E}f");
        assert!(pieces("open ${end").is_err());
    }
}
