//! A seed file: what a service is to begin with, sent to it as orders, the way an operator sends them.
//!
//! Nothing is written past a function here: each entry of the file becomes the event of one order, and the function decides.
//! The orders are ones that may be repeated, so a file may be applied again at every start.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use crate::Error;
use crate::runtime::Failure;

/// The function that takes orders, by its logical id and the alias that may give all of them.
pub(crate) const FUNCTION: &str = "OperatorFunction";
const ADMIN: &str = "OperatorFunction:admin";

/// What a file may list, in the order in which it is applied: section, order, and the member that an entry is known by.
const SECTIONS: [(&str, &str, &str); 3] = [
    ("resources", "put_resource", "resource"),
    ("clients", "put_client", "client_id"),
    ("people", "put_user", "username"),
];

/// What a report shows once and never again, if the service chose it.
const SECRETS: [&str; 2] = ["client_secret", "password"];

/// A seed file that has been read.
#[derive(Debug)]
pub(crate) struct Seed {
    file: PathBuf,
    entries: Vec<Entry>,
}

/// One entry, which becomes one order.
#[derive(Debug)]
struct Entry {
    /// Where it stands: `clients[1] (notes)`.
    place: String,
    order: Map<String, Json>,
}

/// What applying a file comes to.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// A line for each entry that changed something, and for each secret that is shown this once.
    pub(crate) lines: Vec<String>,
    /// All of it in one line.
    pub(crate) summary: String,
}

impl Seed {
    /// Reads a file in YAML or JSON. Mistakes in it are reported before anything is built or changed.
    pub(crate) fn read(file: &Path) -> Result<Self, Error> {
        let named = |problem: String| Error::new(format!("{}: {problem}", file.display()));
        let text = fs::read_to_string(file).map_err(|error| named(format!("cannot be read ({error})")))?;
        let parsed: Option<Map<String, Json>> =
            yaml_serde::from_str(&text).map_err(|error| named(format!("is not YAML or JSON: {error}")))?;
        let parsed = parsed.unwrap_or_default();
        let known: Vec<&str> = SECTIONS.iter().map(|(section, ..)| *section).collect();
        if let Some(other) = parsed.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(named(format!("there is no section {other}; there are: {}", known.join(", "))));
        }
        let mut entries = Vec::new();
        for (section, action, name) in SECTIONS {
            let listed = match parsed.get(section) {
                None | Some(Json::Null) => &[],
                Some(Json::Array(listed)) => listed.as_slice(),
                Some(_) => return Err(named(format!("{section} must be a list"))),
            };
            for (index, entry) in listed.iter().enumerate() {
                let place = format!("{section}[{index}]");
                entries.push(read(&place, action, name, entry).map_err(named)?);
            }
        }
        Ok(Self { file: file.to_owned(), entries })
    }

    /// Sends every entry to the function that takes orders, and stops at the first that it refuses.
    pub(crate) async fn apply<F>(&self, invoke: impl Fn(&'static str, Json) -> F) -> Result<Applied, Error>
    where
        F: Future<Output = Result<Json, Failure>>,
    {
        let (mut applied, mut counts) = (Applied::default(), Vec::<(String, usize)>::new());
        for Entry { place, order } in &self.entries {
            let report = invoke(ADMIN, Json::Object(order.clone())).await.map_err(|failure| {
                let file = self.file.display();
                Error::new(format!("{file}: {place}: {}; correct this entry and start again", failure.told()))
            })?;
            let outcome = report["outcome"].as_str().unwrap_or("applied");
            if outcome != "unchanged" {
                applied.lines.push(format!("seed: {place} {outcome}"));
            }
            let told = |member: &&str| report[member].is_string() && !order.contains_key(*member);
            for secret in SECRETS.into_iter().filter(told) {
                applied.lines.push(format!("seed: {place} {secret} {} (shown this once)", report[secret]));
            }
            match counts.iter_mut().find(|(known, _)| known == outcome) {
                Some((_, count)) => *count += 1,
                None => counts.push((outcome.to_owned(), 1)),
            }
        }
        let counts: Vec<String> = counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        let counts = if counts.is_empty() { "no entries".to_owned() } else { counts.join(", ") };
        applied.summary = format!("seed {}: {counts}", self.file.display());
        Ok(applied)
    }
}

fn read(place: &str, action: &str, name: &str, entry: &Json) -> Result<Entry, String> {
    let Json::Object(members) = entry else { return Err(format!("{place} must be a mapping")) };
    let Some(id) = members.get(name).and_then(Json::as_str) else {
        return Err(format!("{place} has no {name}: give it one in quotation marks"));
    };
    if members.contains_key("action") {
        return Err(format!("{place} ({id}) names an action: every entry is a {action}"));
    }
    let place = format!("{place} ({id})");
    let mut order = members.clone();
    order.insert("action".into(), action.into());
    Ok(Entry { place, order })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;

    fn seed(text: &str) -> Result<Seed, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("seed.yaml");
        fs::write(&file, text).expect("a file");
        Seed::read(&file).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn every_entry_is_an_order_and_resources_come_before_who_may_use_them() {
        let text = "people: [{username: alice}]\nclients:\n- client_id: notes\n  client: {client_name: Notes}\n\
                    resources: [{resource: 'https://notes.example'}]";
        let sent = Mutex::new(Vec::new());
        let read = seed(text).expect("well-formed");
        let applied = read.apply(|function, order| {
            let outcome = if order["action"] == "put_user" { "unchanged" } else { "created" };
            let report = json!({"outcome": outcome, "client_secret": "chosen by the service"});
            sent.lock().expect("a list").push((function, order));
            async move { Ok(report) }
        });
        let applied = applied.await.expect("it is applied");
        let sent = sent.into_inner().expect("a list");
        let actions: Vec<_> = sent.iter().map(|(_, order)| order["action"].as_str().expect("an action")).collect();
        assert_eq!(actions, ["put_resource", "put_client", "put_user"]);
        assert!(sent.iter().all(|(function, _)| *function == ADMIN));
        assert!(applied.lines.contains(&"seed: resources[0] (https://notes.example) created".to_owned()));
        let secret = "seed: clients[0] (notes) client_secret \"chosen by the service\" (shown this once)";
        assert!(applied.lines.contains(&secret.to_owned()), "{:?}", applied.lines);
        assert!(applied.summary.ends_with("seed.yaml: 2 created, 1 unchanged"), "{}", applied.summary);
    }

    #[tokio::test]
    async fn a_refused_entry_is_named_with_its_file_and_stops_the_rest() {
        let read = seed("people: [{username: alice}, {username: 'b@b'}, {username: carol}]").expect("well-formed");
        let refused = json!({"errorType": "invalid_request", "errorMessage": "A username has no @."});
        let sent = Mutex::new(0);
        let error = read.apply(|_, order| {
            *sent.lock().expect("a count") += 1;
            let refused = refused.clone();
            async move { if order["username"] == "b@b" { Err(Failure::Reported(refused)) } else { Ok(json!({})) } }
        });
        let error = error.await.expect_err("it is refused").to_string();
        assert!(
            error.ends_with(
                "seed.yaml: people[1] (b@b): invalid_request: A username has no @.; correct this entry and start again"
            ),
            "{error}"
        );
        assert_eq!(sent.into_inner().expect("a count"), 2);
    }

    #[test]
    fn a_file_of_another_form_is_refused_by_name_before_anything_is_done() {
        for (text, named) in [
            ("a: [", "is not YAML or JSON"),
            ("users: []", "no section users; there are: resources, clients, people"),
            ("people: {}", "people must be a list"),
            ("people: [alice]", "people[0] must be a mapping"),
            ("people: [{name: Alice}]", "people[0] has no username"),
            ("clients: [{client_id: 7}]", "clients[0] has no client_id: give it one in quotation marks"),
            ("people: [{username: alice, action: disable}]", "people[0] (alice) names an action"),
        ] {
            let refused = seed(text).expect_err("it is refused");
            assert!(refused.contains(named) && refused.contains("seed.yaml"), "{text}: {refused}");
        }
        assert!(seed("").expect("an empty file is fine").entries.is_empty());
        assert!(seed(r#"{"people": [{"username": "alice"}], "clients": null}"#).is_ok(), "JSON is YAML");
        let missing = Seed::read(Path::new("/nowhere/seed.yaml")).expect_err("there is none").to_string();
        assert!(missing.starts_with("/nowhere/seed.yaml: cannot be read"), "{missing}");
    }
}
