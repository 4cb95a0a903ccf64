//! The invariants of the architecture, checked by reading the workspace: manifests, template.yaml, source text.
//!
//! If a test fails here, move the code; do not relax the rule.

#![expect(clippy::expect_used, reason = "a test fails when it cannot read what it needs")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use regex_lite::Regex;
use serde_json::Value;

/// The crates of ours that each shared crate may import.
const SHARED: &[(&str, &[&str])] = &[
    ("oauth", &[]),
    ("logs", &[]),
    ("credentials", &[]),
    ("fetch", &[]),
    ("breaches", &["credentials", "fetch", "oauth"]),
    ("jwt", &["oauth"]),
    ("store", &["fetch", "oauth"]),
    ("web", &["logs", "oauth"]),
    ("aws", &["fetch", "oauth"]),
    ("post", &["aws", "oauth"]),
    ("registration", &["credentials", "jwt", "oauth", "store"]),
    ("mint", &["fetch", "jwt", "oauth", "store"]),
    ("flow", &["oauth", "store", "web"]),
];

/// The only importers of each heavy dependency.
const OWNERS: &[(&str, &[&str])] = &[
    ("jsonwebtoken", &["jwt"]),
    ("argon2", &["credentials"]),
    ("aws-config", &["store"]),
    ("aws-sdk-dynamodb", &["store"]),
    ("aws-sdk-kms", &["store"]),
    ("aws-sigv4", &["aws"]),
    ("lambda_http", &["web"]),
    ("lettre", &["post"]),
    ("hyper", &["fetch", "tests", "tools"]),
    ("rustls", &["fetch"]),
    ("tokio-rustls", &["fetch", "tests", "tools"]),
    ("webpki-roots", &["fetch"]),
    ("reqwest", &["tests", "tools"]),
    ("url", &["registration"]),
    ("caseless", &["credentials"]),
    ("unicode-security", &["credentials", "registration"]),
    ("lambda_runtime", &["authorizer", "prices", "units"]),
    ("tracing-subscriber", &["logs"]),
];

/// Each collection of `store`: the prefixes of its own items, and those of other items that its transactions touch.
const COLLECTIONS: &[(&str, &[&str], &[&str])] = &[
    ("Assertions", &["ONCE#ASSERTION#"], &[]),
    ("Audit", &["AUDIT#"], &[]),
    ("Browsers", &["BROWSER#"], &["USER#", "FACTOR#"]),
    ("Clients", &["CLIENT#"], &["ONCE#INITIAL#", "REVOKED#"]),
    ("Codes", &["CODE#"], &["BROWSER#", "LIMIT#SESSIONS#", "SESSION#", "USER#"]),
    ("Consents", &["CONSENT#"], &["USER#"]),
    (
        "Deletions",
        &["AUDIT#", "BROWSER#", "CONSENT#", "DEVICE-OF#", "NAME#"],
        &["EMAIL#", "FACTOR#", "REVOKED#", "SESSION#", "USER#"],
    ),
    ("Devices", &["DEVICE-OF#"], &[]),
    ("Factors", &["FACTOR#"], &["MAIL#", "USER#"]),
    ("InitialTokens", &["ONCE#INITIAL#"], &[]),
    ("Keys", &["KEYS"], &[]),
    ("Limits", &["LIMIT#"], &[]),
    ("Strangers", &["LIMIT#"], &[]),
    ("MfaTokens", &["ONCE#MFA#"], &[]),
    ("Once", &["ONCE#ADDRESS#", "ONCE#RESET#", "ONCE#KEEP#"], &["LIMIT#ONCE#"]),
    ("Outbox", &["MAIL#"], &[]),
    ("Bounces", &["BOUNCE#"], &[]),
    ("Requests", &["REQUEST#"], &["CODE#"]),
    ("Resources", &["RESOURCES"], &[]),
    ("Revocations", &["REVOKED#"], &[]),
    ("Sessions", &["SESSION#"], &["EMAIL#", "FACTOR#", "ONCE#RESET#", "REVOKED#", "USER#"]),
    (
        "Users",
        &["USER#", "NAME#", "EMAIL#", "FACTOR#"],
        &["ONCE#ADDRESS#", "ONCE#RESET#", "ONCE#KEEP#", "ONCE#UNSENT#", "LIMIT#MAIL#", "MAIL#"],
    ),
    ("Vault", &["KEYSECRET"], &["KEYS"]),
];

/// Longest source file, in lines, outside tests.
const FILE_LINES: usize = 400;
/// Longest `main.rs` of a function, which only connects parts and decides nothing.
const MAIN_LINES: usize = 30;

#[test]
fn shared_crates_import_only_what_the_architecture_allows() {
    let dependencies = dependencies();
    for directory in directories("shared") {
        let allowed = SHARED.iter().find(|(name, _)| *name == directory);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("shared/{directory} has no row in this test"));
        for ours in dependencies[&directory].iter().filter(|name| is_ours(name)) {
            assert!(allowed.contains(&ours.as_str()), "shared/{directory} must not import {ours}");
        }
    }
}

#[test]
fn functions_never_import_functions_and_the_authorizer_imports_only_oauth_jwt_fetch_and_logs() {
    let dependencies = dependencies();
    for function in directories("functions") {
        for ours in dependencies[&function].iter().filter(|name| is_ours(name)) {
            assert!(SHARED.iter().any(|(shared, _)| shared == ours), "functions/{function} must not import {ours}");
            let allowed = function != "authorizer" || ["fetch", "jwt", "logs", "oauth"].contains(&ours.as_str());
            assert!(allowed, "the authorizer must not import {ours}");
        }
    }
}

#[test]
fn local_imports_none_of_our_crates() {
    let ours: Vec<_> = dependencies()["local"].iter().filter(|name| is_ours(name)).cloned().collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn each_heavy_dependency_has_one_owner() {
    for (package, names) in dependencies() {
        for (heavy, owners) in OWNERS {
            let allowed = owners.contains(&package.as_str()) || package == "local";
            assert!(!names.contains(*heavy) || allowed, "{package} must not import {heavy}: only {owners:?}");
        }
    }
}

#[test]
fn no_aws_sdk_reaches_the_authorizer() {
    let tree = cargo(&["tree", "--locked", "--package", "authorizer", "--edges", "normal", "--prefix", "none"]);
    let sdk: Vec<_> = tree.lines().filter(|line| line.contains("aws-sdk") || line.contains("aws-config")).collect();
    assert!(sdk.is_empty(), "{sdk:?}");
    assert!(tree.contains("jsonwebtoken") && tree.lines().count() > 20, "the tree was printed: {tree}");
}

/// A parameter that is not in the list could be repeated and interpreted in two ways.
#[test]
fn every_parameter_that_is_read_is_listed_as_single_or_repeatable() {
    let known = std::fs::read_to_string(root().join("shared/oauth/src/parameters.rs")).expect("parameters.rs");
    let read =
        Regex::new(r#"(?:parameters|form|unproven)\)?\.(?:optional|required)\("([a-z_]+)"\)"#).expect("a pattern");
    let mut files = Vec::new();
    for folder in ["functions", "shared"] {
        texts(&root().join(folder), &mut files);
    }
    let names: BTreeSet<_> =
        files.iter().flat_map(|(_, text)| read.captures_iter(code(text)).map(|found| found[1].to_owned())).collect();
    assert!(names.len() > 20, "they were found: {names:?}");
    for name in names {
        assert!(known.contains(&format!("    \"{name}\",\n")), "{name} is missing in parameters::ONCE");
    }
}

/// Offline cargo commands work only if an earlier command has downloaded what they need.
#[test]
fn no_test_and_no_script_depends_on_the_contents_of_a_cache() {
    let mut files = Vec::new();
    for folder in ["functions", "shared", "local", "tests", "tools", ".ci"] {
        texts(&root().join(folder), &mut files);
    }
    assert!(files.len() > 200, "the files were found");
    for (path, text) in files {
        for option in ["offline", "frozen"].map(|word| format!("--{word}")) {
            assert!(!text.contains(&option), "{} says {option}", path.display());
        }
    }
}

#[test]
fn the_functions_of_the_template_are_the_crates_under_functions() {
    let template = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml");
    let declared: BTreeSet<String> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("CodeUri: functions/"))
        .map(|name| name.trim().to_owned())
        .collect();
    assert_eq!(declared, directories("functions").into_iter().collect());
    for name in declared {
        let resource = format!("{}{}Function:", name[..1].to_uppercase(), &name[1..]);
        assert!(template.contains(&resource), "functions/{name} is called {resource} in the template");
        assert!(root().join(format!("events/{name}.json")).exists(), "functions/{name} has an event in events/");
    }
}

#[test]
fn no_route_leads_to_an_operators_order() {
    let template = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml");
    let template: yaml_serde::Value = yaml_serde::from_str(&template).expect("YAML");
    let resources = template["Resources"].as_mapping().expect("resources");
    let callers = ["AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Authorizer", "AWS::Lambda::Permission"];
    let calling = resources.iter().filter(|(_, resource)| callers.iter().any(|kind| resource["Type"] == *kind));
    let calling: Vec<String> = calling.map(|(_, caller)| yaml_serde::to_string(caller).expect("YAML")).collect();
    assert!(calling.len() > 10, "the callers were found");
    for caller in calling {
        assert!(!caller.contains("OperatorFunction"), "{caller}");
    }
    let reading = sources().into_iter().filter(|(_, text)| text.contains("Order::read"));
    let readers: BTreeSet<_> = reading.map(|(path, _)| path).filter(|path| path.starts_with("functions")).collect();
    assert!(readers.iter().all(|path| path.starts_with("functions/operator")), "{readers:?}");
    assert!(!readers.is_empty(), "the readers were found");
}

#[test]
fn an_app_opens_what_its_role_may_use_and_its_role_may_use_what_the_app_opens() {
    for function in directories("functions") {
        let Ok(app) = std::fs::read_to_string(root().join(format!("functions/{function}/src/app.rs"))) else {
            continue;
        };
        let opened = opened(&app);
        let granted = granted(&function);
        for (name, own, _) in &opened {
            let usable = granted.iter().any(|prefix| own.iter().any(|own| prefix.starts_with(own)));
            assert!(usable, "functions/{function} opens {name}, but no statement of its role names {own:?}");
        }
        for prefix in &granted {
            let needed =
                opened.iter().any(|(_, own, others)| own.iter().chain(*others).any(|it| prefix.starts_with(it)));
            assert!(needed, "the role of functions/{function} names {prefix}, but its App opens no collection for it");
        }
    }
}

/// The collections that an `App` opens.
fn opened(app: &str) -> Vec<(&'static str, &'static [&'static str], &'static [&'static str])> {
    let pattern = Regex::new(r"\b([A-Z]\w+)::\w+\(\s*&table\b").expect("a pattern");
    let names: BTreeSet<&str> =
        pattern.captures_iter(app).filter_map(|found| found.get(1)).map(|it| it.as_str()).collect();
    let row = |name: &&str| *COLLECTIONS.iter().find(|(known, ..)| known == name).expect(name);
    names.iter().map(row).collect()
}

/// The prefixes of partition keys that the statements of a function's role name.
fn granted(function: &str) -> BTreeSet<String> {
    let template = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml");
    let resource = format!("\n  {}{}Function:\n", function[..1].to_uppercase(), &function[1..]);
    let (_, rest) = template.split_once(&resource).expect(&resource);
    let end = Regex::new(r"\n  \w").expect("a pattern").find(rest).map_or(rest.len(), |next| next.start());
    let keys = Regex::new(r"'dynamodb:LeadingKeys': \[([^\]]*)\]").expect("a pattern");
    let lists = keys.captures_iter(&rest[..end]).map(|found| found[1].to_owned()).collect::<Vec<_>>().join(",");
    let prefixes = lists.split(',').map(|key| key.trim().trim_matches('\'').trim_end_matches('*').to_owned());
    prefixes.filter(|prefix| !prefix.is_empty()).collect()
}

#[test]
fn only_the_mint_signs() {
    for (path, text) in sources() {
        let allowed = path.starts_with("shared/mint") || path.starts_with("shared/jwt");
        assert!(allowed || !text.contains(".sign("), "{} signs something", path.display());
    }
}

#[test]
fn only_fetch_opens_connections() {
    let (mut opened, ways) = (BTreeSet::new(), ["TcpStream", "UdpSocket", "lookup_host", "ToSocketAddrs"]);
    for (path, text) in sources().iter().filter(|(path, _)| !path.starts_with("local")) {
        if ways.iter().any(|way| text.contains(way)) {
            opened.insert(path.iter().nth(1).unwrap_or_default().to_owned());
        }
    }
    assert_eq!(opened.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>(), ["fetch"]);
}

#[test]
fn every_module_says_what_it_owns_and_none_is_too_long() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{} begins without a //! header", path.display());
        let lines = code_lines(&text);
        assert!(lines <= FILE_LINES, "{} has {lines} lines", path.display());
        let main = path.starts_with("functions") && path.ends_with("src/main.rs");
        assert!(
            !main || lines <= MAIN_LINES || path.starts_with("functions/protected"),
            "{} does more than connect parts",
            path.display()
        );
    }
}

/// Argon2 takes twice as many instructions in a binary that is built for size.
#[test]
fn functions_that_hash_passwords_are_built_for_speed() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let release = manifest.split("[profile.release.package]").nth(1).expect("the release profile");
    for function in directories("functions") {
        let uses =
            std::fs::read_to_string(root().join(format!("functions/{function}/Cargo.toml"))).expect("a manifest");
        if uses.contains("credentials.workspace") {
            assert!(release.contains(&format!("\n{function} = {{ opt-level = 3, strip = true }}")), "{function}");
        }
    }
}

#[test]
fn logs_and_their_names_survive_the_stack() {
    let template = std::fs::read_to_string(root().join("template.yaml")).expect("the template");
    let groups: Vec<_> = template.split("Type: AWS::Logs::LogGroup\n").skip(1).collect();
    assert_eq!(groups.len(), 2, "one for functions, one for the gateway");
    for group in groups {
        assert!(group.starts_with("    DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n"));
    }
    assert!(template.contains("LogGroupName: !Sub '/aws/vendedlogs/"), "API Gateway's policy for logs stays short");
    assert!(template.contains("Name: !Sub '/gatewright/${AWS::StackName}/"), "SSM refuses names that begin with aws");
}

#[test]
fn no_modules_import_each_other_cyclically() {
    for (parent, mut imports) in imports_of_siblings() {
        loop {
            let left: BTreeSet<String> = imports.keys().cloned().collect();
            imports.retain(|_, imported| !imported.is_disjoint(&left));
            if imports.len() == left.len() {
                break;
            }
        }
        assert!(imports.is_empty(), "below {parent} these import each other in a circle: {imports:?}");
    }
}

#[test]
fn names_say_what_a_thing_is() {
    for (path, text) in sources() {
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let name = ["struct ", "enum ", "trait "].iter().find_map(|keyword| line.split_once(keyword));
            let name =
                name.map_or("", |(_, rest)| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default());
            for vague in ["Manager", "Service", "Impl", "Helper", "Util"] {
                assert!(!name.ends_with(vague), "{}: {name}", path.display());
            }
        }
    }
}

/// For each parent module: which siblings each of its modules imports, including its submodules.
fn imports_of_siblings() -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let sources: Vec<_> = sources().iter().map(|(path, text)| (module(path), paths(text))).collect();
    let modules: BTreeSet<&[String]> = sources.iter().map(|(module, _)| module.as_slice()).collect();
    let mut imports = BTreeMap::<String, BTreeMap<String, BTreeSet<String>>>::new();
    for (module, paths) in &sources {
        for path in paths.iter().filter_map(|path| absolute(module, path)) {
            let common = module.iter().zip(&path).take_while(|(own, other)| own == other).count();
            if common < module.len() && path.get(..=common).is_some_and(|sibling| modules.contains(sibling)) {
                let siblings = imports.entry(module[..common].join("::")).or_default();
                siblings.entry(module[common].clone()).or_default().insert(path[common].clone());
            }
        }
    }
    assert!(imports.len() > 10, "imports were found: {imports:?}");
    imports
}

/// `local/src/iam/policy.rs` is `local`, `iam`, `policy`.
fn module(path: &Path) -> Vec<String> {
    let text = path.with_extension("").to_string_lossy().replace("/src/", "/");
    let parts = text.split('/').filter(|part| !["functions", "shared", "lib", "main"].contains(part));
    parts.map(str::to_owned).collect()
}

/// Every path outside unit tests that begins at the crate or a parent, one for each name in braces.
fn paths(text: &str) -> Vec<Vec<String>> {
    let code = code(text).lines();
    let code = code.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let pattern = Regex::new(r"\b((?:crate|super)(?:::\w+)*)::(\{[^}]*\}|\w+)").expect("a pattern");
    let each = |found: regex_lite::Captures<'_>| {
        let names = found[2].trim_matches(['{', '}']).split(',').map(|name| format!("{}::{}", &found[1], name.trim()));
        names.map(|path| path.split("::").map(str::to_owned).collect()).collect::<Vec<_>>()
    };
    pattern.captures_iter(&code).flat_map(each).collect()
}

/// A path relative to the root of the workspace.
fn absolute(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let up = path.iter().take_while(|part| *part == "super").count();
    let (base, rest) = match path.first()?.as_str() {
        "crate" => (module.get(..1)?, &path[1..]),
        _ => (module.get(..module.len().checked_sub(up)?)?, &path[up..]),
    };
    Some([base, rest].concat())
}

/// The number of lines before the unit tests at the end of a file.
fn code_lines(text: &str) -> usize {
    code(text).lines().count()
}

/// The text before the unit tests at the end of a file.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

/// Normal dependencies of each workspace package, by name.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    let normal = |package: &Value| {
        let names = array(&package["dependencies"]).iter().filter(|dependency| dependency["kind"].is_null());
        names.map(|dependency| text(&dependency["name"]).to_owned()).collect()
    };
    array(&metadata["packages"]).iter().map(|package| (text(&package["name"]).to_owned(), normal(package))).collect()
}

/// The output of cargo. Commands here may need only crates that a build on this machine downloads. `cargo metadata`
/// without `--no-deps` needs those of every platform.
fn cargo(arguments: &[&str]) -> String {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(program).current_dir(root()).args(arguments).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn is_ours(name: &str) -> bool {
    ["functions", "shared"].iter().any(|group| directories(group).iter().any(|directory| directory == name))
}

fn directories(group: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(group)).expect("a directory").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Every source file outside tests: its path from the root, and its text.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for group in ["functions", "shared"] {
        for directory in directories(group) {
            collect(&root().join(group).join(directory).join("src"), &mut found);
        }
    }
    collect(&root().join("local/src"), &mut found);
    assert!(found.len() > 20, "the sources were found");
    found
}

fn collect(directory: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            found.push((path.strip_prefix(root()).expect("inside").to_owned(), text));
        }
    }
}

/// Every text file below a folder, except installed and generated ones.
fn texts(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for path in std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["node_modules", "target", "venv", "__pycache__"].contains(&name.as_str()) {
            texts(&path, found);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path, text));
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent").to_owned()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
