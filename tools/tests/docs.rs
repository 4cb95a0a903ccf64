//! Checks the documentation: generated pages are up to date, and handwritten pages are complete.

#![expect(clippy::expect_used, reason = "a test fails when it cannot read what it needs")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

#[test]
fn generated_pages_are_up_to_date() {
    for (path, text) in tools::made::pages() {
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "{} is old: cargo run -p tools --bin docs", path.display());
    }
}

#[test]
fn every_kind_of_item_in_the_table_is_described_and_no_other() {
    let described = found(&read("docs/storage.md"), r"(?m)^\| [^|]+ \| `([A-Z-]+(?:#[A-Z]+)*)");
    let written = sources("shared/store/src").iter().flat_map(|text| found(text, PREFIX)).collect::<BTreeSet<_>>();
    assert!(written.len() > 10, "the prefixes were found: {written:?}");
    assert_eq!(described, written);
}

#[test]
fn every_alarm_has_a_runbook() {
    let alarms = found(&read("template.yaml"), r"(?m)^  (\w+):[^\n]*\n    Type: AWS::CloudWatch::(?:Composite)?Alarm");
    assert!(!alarms.is_empty(), "the alarms were found");
    let page = read("docs/operations.md");
    let told = found(&page, r"(?m)^### `(\w+)`");
    assert_eq!(told, alarms);
}

#[test]
fn every_metric_of_an_alarm_is_in_the_fixed_cost() {
    let metrics = Regex::new(r"(?m)^      MetricName:|MetricStat:").expect("a pattern");
    let metrics = metrics.find_iter(&read("template.yaml")).count();
    let row = format!("| {metrics} alarm metrics | {}.{}0 |", metrics / 10, metrics % 10);
    assert!(read("docs/cost.md").contains(&row), "docs/cost.md has no row {row}");
}

#[test]
fn every_file_that_a_page_links_to_is_there() {
    let pages = ["docs", ".", ".github"].into_iter().flat_map(|folder| std::fs::read_dir(root().join(folder)));
    let pages = pages.flatten().flatten().map(|entry| entry.path());
    for page in pages.filter(|path| path.extension().is_some_and(|kind| kind == "md")) {
        let text = std::fs::read_to_string(&page).expect("a page");
        for link in found(&text, r"\]\(([^)#:\s]+)(?:#[^)]*)?\)") {
            assert!(page.with_file_name(&link).exists(), "{} links to {link}", page.display());
        }
    }
}

#[test]
fn every_page_is_in_the_index() {
    let index = read("docs/README.md");
    for entry in std::fs::read_dir(root().join("docs")).expect("docs").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(name == "README.md" || index.contains(&format!("({name}")), "docs/README.md does not mention {name}");
    }
}

#[test]
fn every_threat_and_every_invariant_names_tests_that_exist() {
    let folders = [
        "tests",
        "tests/suite",
        "functions/authorizer/tests/events",
        "local/tests/aws",
        "shared/fetch/tests/guarded",
        "shared/store/tests/storage",
        "shared/web/tests",
        "tools/tests",
    ];
    let tests = folders.map(|folder| sources(folder).concat()).concat();
    for (page, fewest) in [("docs/threat-model.md", 20), ("docs/architecture.md", 10)] {
        let named = found(&read(page), r"`([a-z0-9]+(?:_[a-z0-9]+){3,})`");
        assert!(named.len() > fewest, "{page} names tests: {named:?}");
        for test in named {
            assert!(tests.contains(&format!("fn {test}()")), "{page}: there is no test {test}");
        }
    }
}

#[test]
fn the_readme_is_short() {
    assert!(read("README.md").lines().count() <= 150);
}

/// How the code writes the prefix of a partition key: in a format, in a key, or as a whole.
const PREFIX: &str = r#"format!\("([A-Z-]+(?:#[A-Z]+)*)#\{|Key::new\("([A-Z]+)"|"([A-Z]+(?:#[A-Z]+)+)"|"([A-Z]+)#""#;

/// The first non-empty group of each match.
fn found(text: &str, pattern: &str) -> BTreeSet<String> {
    let group =
        |found: regex_lite::Captures<'_>| found.iter().skip(1).flatten().next().map(|group| group.as_str().to_owned());
    Regex::new(pattern).expect("a pattern").captures_iter(text).filter_map(group).collect()
}

fn sources(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).expect("a folder").flatten();
    let texts = entries.map(|entry| {
        if entry.path().is_dir() {
            sources(&entry.path().to_string_lossy())
        } else {
            vec![std::fs::read_to_string(entry.path()).unwrap_or_default()]
        }
    });
    texts.flatten().collect()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect("a file of the repository")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root").to_owned()
}
