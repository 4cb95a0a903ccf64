//! The conditions of a statement: an operator compares the values of a condition key with those of the policy.
//!
//! Operators and keys that are not known here are refused when the template is read.

use super::super::wildcard;
use super::access::Access;

/// One condition: an operator, a key, and the values that it compares with, any of which will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The condition key, for example `dynamodb:LeadingKeys`.
    pub key: String,
    /// The values, with the wildcards of `StringLike`.
    pub values: Vec<String>,
    test: Test,
    set: Option<Set>,
    /// `…IfExists`: an absent key is fine.
    if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equals {
        negated: bool,
    },
    Like {
        negated: bool,
    },
    /// Each of an ARN's six parts for itself: a `*` does not reach over a colon.
    ArnLike,
    Null,
}

/// How a key of several values is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    /// Every value of the request must pass; none at all passes.
    ForAll,
    /// One value of the request must pass.
    ForAny,
}

/// Condition keys that every request to a service here has, or lacks, as it would in the cloud. `*` stands for a name.
const ONE_VALUE: [&str; 9] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltag/*",
    "dynamodb:enclosingoperation",
    "events:detail-type",
    "events:source",
    "kms:encryptioncontext:*",
    "kms:calleraccount",
    "ses:fromaddress",
];
/// The one of them that is an ARN.
const ARN: &str = "aws:PrincipalArn";
const SEVERAL_VALUES: [&str; 2] = ["dynamodb:leadingkeys", "kms:encryptioncontextkeys"];

impl Condition {
    /// A condition as a policy spells it; what is wrong with it otherwise.
    pub(crate) fn new(operator: &str, key: &str, values: Vec<String>) -> Result<Self, String> {
        let known = |keys: &[&str]| keys.iter().any(|known| wildcard::matches(known, &key.to_ascii_lowercase()));
        if !known(&ONE_VALUE) && !known(&SEVERAL_VALUES) {
            return Err(format!("the condition key {key} is not evaluated locally"));
        }
        let (set, name) = match operator.split_once(':') {
            Some(("ForAllValues", name)) => (Some(Set::ForAll), name),
            Some(("ForAnyValue", name)) => (Some(Set::ForAny), name),
            _ => (None, operator),
        };
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        let test = test(name).ok_or_else(|| format!("the operator {operator} is not evaluated locally"))?;
        if test == Test::Null && (set.is_some() || if_exists || !is_flag(&values)) {
            return Err("Null takes true or false, and nothing before or behind it".into());
        }
        let is_no_arn = |value: &String| arn(value).is_none();
        if test == Test::ArnLike && (!key.eq_ignore_ascii_case(ARN) || values.iter().any(is_no_arn)) {
            return Err(format!("ArnLike compares {ARN} with ARNs of six parts, here {key} with {values:?}"));
        }
        if set.is_none() && test != Test::Null && known(&SEVERAL_VALUES) {
            return Err(format!("{key} has several values: {operator} needs ForAllValues or ForAnyValue before it"));
        }
        if values.is_empty() || values.iter().any(|value| value.contains("${")) {
            return Err(format!("the values of {key} are missing, or have variables, which are not evaluated locally"));
        }
        Ok(Self { key: key.to_owned(), values, test, set, if_exists })
    }

    /// Whether a request meets it.
    pub(crate) fn holds(&self, access: &Access) -> bool {
        let found = access.values(&self.key);
        if self.test == Test::Null {
            return self.values.iter().any(|absent| (absent == "true") == found.is_empty());
        }
        match (found.is_empty(), self.set) {
            (true, Some(Set::ForAll)) => true,
            (true, Some(Set::ForAny)) => self.if_exists,
            (true, None) => self.if_exists || self.is_negated(),
            (false, Some(Set::ForAny)) => found.iter().any(|value| self.passes(value)),
            (false, _) => found.iter().all(|value| self.passes(value)),
        }
    }

    /// Whether it allows what it lists, rather than everything else.
    pub(crate) fn lists(&self) -> bool {
        self.test != Test::Null && !self.is_negated()
    }

    /// The policy's values that a request's values fit.
    pub(crate) fn fitting<'a>(&'a self, access: &'a Access) -> impl Iterator<Item = &'a str> {
        let fits = |pattern: &&String| access.values(&self.key).iter().any(|value| self.fits(pattern, value));
        self.values.iter().filter(fits).map(String::as_str)
    }

    fn passes(&self, value: &str) -> bool {
        self.values.iter().any(|pattern| self.fits(pattern, value)) != self.is_negated()
    }

    fn fits(&self, pattern: &str, value: &str) -> bool {
        match self.test {
            Test::Equals { .. } => pattern == value,
            Test::Like { .. } => wildcard::matches(pattern, value),
            Test::ArnLike => arn(pattern).zip(arn(value)).is_some_and(|(pattern, value)| {
                pattern.iter().zip(value).all(|(pattern, part)| wildcard::matches(pattern, part))
            }),
            Test::Null => false,
        }
    }

    fn is_negated(&self) -> bool {
        matches!(self.test, Test::Equals { negated: true } | Test::Like { negated: true })
    }
}

fn test(name: &str) -> Option<Test> {
    match name {
        "StringEquals" => Some(Test::Equals { negated: false }),
        "StringNotEquals" => Some(Test::Equals { negated: true }),
        "StringLike" => Some(Test::Like { negated: false }),
        "StringNotLike" => Some(Test::Like { negated: true }),
        "ArnLike" => Some(Test::ArnLike),
        "Null" => Some(Test::Null),
        _ => None,
    }
}

/// The six parts of an ARN; the last one may have colons.
fn arn(text: &str) -> Option<[&str; 6]> {
    text.splitn(6, ':').collect::<Vec<_>>().try_into().ok()
}

fn is_flag(values: &[String]) -> bool {
    matches!(values, [flag] if flag == "true" || flag == "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEADING: &str = "dynamodb:LeadingKeys";
    const ACCOUNT: &str = "aws:PrincipalAccount";

    fn holds(operator: &str, key: &str, values: &[&str], found: &[&str]) -> bool {
        let values = values.iter().map(ToString::to_string).collect();
        let access = Access::new("dynamodb", "GetItem", "*").with(key, found.iter().map(ToString::to_string));
        Condition::new(operator, key, values).expect("it is evaluated").holds(&access)
    }

    #[test]
    fn a_key_of_one_value_is_compared_with_each_value_of_the_policy() {
        assert!(holds("StringEquals", ACCOUNT, &["1", "2"], &["2"]));
        assert!(!holds("StringEquals", ACCOUNT, &["1*"], &["12"]));
        assert!(holds("StringLike", ACCOUNT, &["1*"], &["12"]));
        assert!(!holds("StringNotLike", ACCOUNT, &["3", "1*"], &["12"]));
        assert!(holds("StringNotEquals", ACCOUNT, &["1", "2"], &["3"]));
    }

    #[test]
    fn an_absent_key_fails_what_affirms_and_passes_what_denies() {
        assert!(!holds("StringEquals", ACCOUNT, &["1"], &[]));
        assert!(!holds("StringLike", ACCOUNT, &["*"], &[]));
        assert!(holds("StringNotEquals", ACCOUNT, &["1"], &[]));
        assert!(holds("StringEqualsIfExists", ACCOUNT, &["1"], &[]));
        assert!(!holds("StringEqualsIfExists", ACCOUNT, &["1"], &["2"]));
    }

    #[test]
    fn all_values_or_any_value_must_pass_and_only_all_is_true_of_none() {
        let patterns = ["USER#*", "NAME#*"];
        assert!(holds("ForAllValues:StringLike", LEADING, &patterns, &["USER#1", "NAME#2"]));
        assert!(!holds("ForAllValues:StringLike", LEADING, &patterns, &["USER#1", "KEYS"]));
        assert!(holds("ForAnyValue:StringLike", LEADING, &patterns, &["USER#1", "KEYS"]));
        assert!(!holds("ForAnyValue:StringLike", LEADING, &patterns, &["KEYS"]));
        assert!(holds("ForAnyValue:StringNotLike", LEADING, &patterns, &["USER#1", "KEYS"]));
        assert!(holds("ForAllValues:StringLike", LEADING, &patterns, &[]), "true of none, hence Null beside it");
        assert!(!holds("ForAnyValue:StringLike", LEADING, &patterns, &[]));
    }

    #[test]
    fn an_arn_is_compared_part_by_part() {
        let like = |pattern: &str, arn: &str| holds("ArnLike", ARN, &[pattern], &[arn]);
        let role = "arn:aws:iam::1:role/stack/F";
        assert!(like("arn:aws:iam::1:role/stack/*", role) && like("arn:*:iam::*:role/*/F", role));
        for other in ["arn:aws:iam::1:role/other/F", "arn:aws:iam::2:role/stack/F", "arn:aws:iam::1:user/stack/F"] {
            assert!(!like("arn:aws:iam::1:role/stack/*", other), "{other}");
        }
        assert!(!like("arn:aws:iam:*:role:/stack/F", "arn:aws:iam::1:role:/stack/F"), "a star reaches over no colon");
        assert!(!holds("ArnLike", ARN, &["arn:aws:iam::1:role/*"], &[]), "nobody is no role");
    }

    #[test]
    fn null_tells_whether_the_key_is_absent() {
        assert!(holds("Null", LEADING, &["false"], &["KEYS"]) && !holds("Null", LEADING, &["false"], &[]));
        assert!(holds("Null", LEADING, &["true"], &[]) && !holds("Null", LEADING, &["true"], &["KEYS"]));
    }

    #[test]
    fn what_cannot_be_evaluated_is_refused() {
        for (operator, key, value) in [
            ("NumericEquals", ACCOUNT, "1"),
            ("ForSomeValues:StringLike", LEADING, "x"),
            ("StringLike", LEADING, "x"),
            ("StringLike", "aws:SourceIp", "x"),
            ("ForAnyValue:StringLike", "dynamodb:Attributes", "x"),
            ("StringEquals", "aws:PrincipalArn", "${aws:username}"),
            ("ArnLike", "aws:PrincipalArn", "role/*"),
            ("ArnLike", ACCOUNT, "arn:aws:iam::1:role/*"),
            ("Null", LEADING, "no"),
            ("NullIfExists", LEADING, "true"),
        ] {
            assert!(Condition::new(operator, key, vec![value.to_owned()]).is_err(), "{operator} {key} {value}");
        }
        assert!(Condition::new("StringLike", ACCOUNT, Vec::new()).is_err());
    }
}
