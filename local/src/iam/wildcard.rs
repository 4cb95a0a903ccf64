//! The wildcards of ARNs: `*` stands for any text, `?` for any one character.

/// Whether the whole of `text` fits `pattern`, in time linear in their product.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            p = after + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_spans_anything_and_a_question_mark_one_character() {
        for (pattern, text) in [("*", ""), ("a*c", "abbc"), ("a*", "a"), ("*/GET/*", "x/GET/y"), ("a?c", "abc")] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a?", "a"), ("*b", "abc"), ("", "a"), ("a*d", "abc")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
