//! The programs of `docs/verify.md`, extracted from the page and run as printed.
//!
//! The issuer uses HTTPS, which some of them require, with a certificate that they are configured to trust.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use local::{Data, Options, Stack};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::program::{folder, say};
use super::verifiers::{flip, token};

/// Appended to a program: it verifies each token of a list and reports the result.
const IN_JAVASCRIPT: &str = "
const verdicts = [];
for (const token of JSON.parse(process.env.TOKENS)) {
  verdicts.push(await verify(token).then((claims) => claims.sub, () => null));
}
console.log(JSON.stringify(verdicts));
";
const IN_PYTHON: &str = r#"
import json


def verdict(token):
    try:
        return verify(token)["sub"]
    except jwt.PyJWTError:
        return None


print(json.dumps([verdict(token) for token in json.loads(os.environ["TOKENS"])]))
"#;

/// The block of `docs/verify.md` with this language and first line.
fn block(language: &str, first_line: &str) -> String {
    block_of("verify.md", language, first_line)
}

/// The block of a page in `docs` with this language and first line, or with this language if the line is empty.
pub fn block_of(page: &str, language: &str, first_line: &str) -> String {
    let text = std::fs::read_to_string(root().join("docs").join(page)).expect("the page");
    let fence = format!("```{language}\n{first_line}");
    let at = text.find(&fence).unwrap_or_else(|| panic!("docs/{page} has no block {fence}"));
    let text = &text[at + language.len() + 4..];
    text[..text.find("```").expect("the end of the block")].to_owned()
}

/// An issuer over HTTPS.
pub struct Issuer {
    pub url: String,
    stack: Stack,
    pub certificate: PathBuf,
    _folder: TempDir,
}

impl Issuer {
    pub async fn start() -> Self {
        let key = KeyPair::generate().expect("a key");
        let own = CertificateParams::new(["localhost".to_owned()]).expect("a name").self_signed(&key).expect("signed");
        let folder = tempfile::tempdir().expect("a folder");
        let certificate = folder.path().join("issuer.pem");
        std::fs::write(&certificate, own.pem()).expect("a file");
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
        let config = config.with_single_cert(vec![own.der().clone()], private).expect("a certificate");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
        let options = Options {
            template: root().join("template.yaml"),
            data: Data::Memory,
            issuer: Some(url.clone()),
            ..Options::default()
        };
        let stack = Stack::start(options).await.expect("the stack starts");
        let upstream = stack.url().trim_start_matches("http://").to_owned();
        tokio::spawn(forward(listener, TlsAcceptor::from(Arc::new(config)), upstream));
        Self { url, stack, certificate, _folder: folder }
    }

    /// Tokens, each with the expected verdict.
    pub async fn tokens(&self) -> Vec<(String, bool)> {
        let (alice, bob) = (token(self.stack.url(), "alice").await, token(self.stack.url(), "bob").await);
        let (a, b): (Vec<&str>, Vec<&str>) = (alice.split('.').collect(), bob.split('.').collect());
        let bad = [
            format!("{}.{}.{}", a[0], b[1], a[2]),
            format!("{}.{}.{}", a[0], a[1], flip(a[2])),
            format!("{}.{}.", a[0], a[1]),
            "a.b.c".to_owned(),
        ];
        [alice.clone(), bob.clone()].map(|good| (good, true)).into_iter().chain(bad.map(|bad| (bad, false))).collect()
    }

    /// The output of a program for the tokens: the `sub` of each accepted one.
    fn ask(&self, mut program: Command, text: &str, (audience, scope): (&str, &str), tokens: &[String]) -> Vec<Value> {
        program.env("ISSUER", &self.url).env("AUDIENCE", audience).env("SCOPE", scope);
        program.env("TOKENS", json!(tokens).to_string()).env("NO_PROXY", "*").env("no_proxy", "*");
        program.env("NODE_EXTRA_CA_CERTS", &self.certificate).env("SSL_CERT_FILE", &self.certificate);
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads the program");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", output.status);
        serde_json::from_slice(&output.stdout).expect("verdicts as JSON")
    }

    /// Runs a program on valid and invalid tokens, with the right audience and scope and with wrong ones.
    pub async fn judged_by(&self, program: impl Fn() -> Command, text: &str) {
        let tokens = self.tokens().await;
        let texts: Vec<String> = tokens.iter().map(|(token, _)| token.clone()).collect();
        let verdicts = self.ask(program(), text, (&self.url, "account"), &texts);
        let taken: Vec<bool> = verdicts.iter().map(Value::is_string).collect();
        assert_eq!(taken, tokens.iter().map(|(_, good)| *good).collect::<Vec<_>>(), "{verdicts:?}");
        for (audience, scope) in [("https://elsewhere.example", "account"), (self.url.as_str(), "notes:write")] {
            let verdicts = self.ask(program(), text, (audience, scope), &texts);
            assert!(verdicts.iter().all(Value::is_null), "{audience} {scope}: {verdicts:?}");
        }
    }
}

async fn forward(listener: TcpListener, acceptor: TlsAcceptor, upstream: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
        tokio::spawn(async move {
            let Ok(mut client) = acceptor.accept(stream).await else { return };
            let Ok(mut server) = TcpStream::connect(upstream).await else { return };
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        });
    }
}

/// Whether the requirements of a program are installed. In CI they must be.
fn installed(what: &str, file: &Path) -> bool {
    let missing = format!("{what}: not installed. Run tests/foreign/install.");
    assert!(file.exists() || std::env::var("CI").as_deref() != Ok("true"), "{missing}");
    if !file.exists() {
        say(&format!("SKIPPED {missing}"));
    }
    file.exists()
}

async fn javascript(library: &str, first_line: &str) {
    let folder = folder();
    if installed(library, &folder.join("node_modules").join(library)) {
        let text = block("js", first_line) + IN_JAVASCRIPT;
        let program = || {
            let mut command = Command::new("node");
            command.args(["--input-type=module", "-"]).current_dir(&folder);
            command
        };
        Issuer::start().await.judged_by(program, &text).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aws_jwt_verify_works_as_documented() {
    javascript("aws-jwt-verify", "// aws-jwt-verify").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jose_works_as_documented() {
    javascript("jose", "// jose").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pyjwt_works_as_documented() {
    let python = folder().join("venv/bin/python");
    if installed("PyJWT", &python) {
        let text = block("python", "# PyJWT") + IN_PYTHON;
        let program = || {
            let mut command = Command::new(&python);
            command.arg("-");
            command
        };
        Issuer::start().await.judged_by(program, &text).await;
    }
}

/// The stack of the page next to the service. Its function returns what the gateway passed to it.
#[tokio::test(flavor = "multi_thread")]
async fn api_gateways_own_authorizer_works_as_documented() {
    if !runs("node") {
        return;
    }
    let service = service().await;
    let good = token(service.url(), "alice").await;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("notes")).expect("a folder");
    let tells = "export const handler = async (event) => event.requestContext.authorizer;";
    std::fs::write(folder.path().join("notes/index.mjs"), tells).expect("a file");
    let template = folder.path().join("template.yaml");
    std::fs::write(&template, block("yaml", "AWSTemplateFormatVersion")).expect("a file");
    let start = async |audience: &str| {
        let parameters = [("Issuer", service.url()), ("Audience", audience)];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let options = Options { template: template.clone(), parameters, ..Options::default() };
        Stack::start(options).await.expect("the stack starts")
    };
    let (ours, theirs) = (start(service.url()).await, start("https://elsewhere.example").await);
    let ask = async |stack: &Stack, method: &str, token: &str| {
        let request =
            reqwest::Client::new().request(method.parse().expect("a method"), format!("{}/notes", stack.url()));
        let answer = request.bearer_auth(token).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    };
    let (status, body) = ask(&ours, "GET", &good).await;
    let told: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, &told["jwt"]["claims"]["username"]), (200, &json!("alice")), "{body}");
    assert_eq!(told["jwt"]["scopes"], json!(["account"]));
    assert_eq!(ask(&ours, "POST", &good).await.0, 403, "the scope of the other route is missing");
    assert_eq!(ask(&theirs, "GET", &good).await.0, 401, "another audience");
    let parts: Vec<&str> = good.split('.').collect();
    let flipped = format!("{}.{}.{}", parts[0], parts[1], flip(parts[2]));
    assert_eq!(ask(&ours, "GET", &flipped).await.0, 401);
}

/// The function of the page runs as a Lambda behind an HTTP API that has no authorizer.
#[tokio::test(flavor = "multi_thread")]
async fn a_rust_function_works_as_documented() {
    let source = std::fs::read_to_string(root().join("shared/jwt/examples/verify.rs")).expect("the example");
    assert_eq!(block("rust", ""), source, "docs/verify.md shows shared/jwt/examples/verify.rs");
    let service = service().await;
    let good = token(service.url(), "alice").await;
    let parts: Vec<&str> = good.split('.').collect();
    let flipped = format!("{}.{}.{}", parts[0], parts[1], flip(parts[2]));
    for (audience, scope, statuses) in [
        (service.url(), "account", [200, 401, 401, 401]),
        (service.url(), "notes:write", [403, 401, 401, 401]),
        ("https://elsewhere.example", "account", [401, 401, 401, 401]),
    ] {
        let (stack, _folder) = function(service.url(), (audience, scope)).await;
        let tokens = [good.as_str(), flipped.as_str(), "a.b.c", ""];
        for (token, status) in tokens.into_iter().zip(statuses) {
            let request = reqwest::Client::new().get(format!("{}/notes", stack.url()));
            let request = if token.is_empty() { request } else { request.bearer_auth(token) };
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), status, "{audience} {scope} {token}");
            assert_eq!(answer.headers().contains_key("www-authenticate"), status != 200);
        }
    }
}

/// The example of the `jwt` crate as the one function of an HTTP API.
async fn function(issuer: &str, (audience, scope): (&str, &str)) -> (Stack, TempDir) {
    let built = Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "jwt", "--example", "verify"]).status();
    assert!(built.expect("cargo runs").success());
    let target = support::command::built_binaries();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("code")).expect("a folder");
    std::os::unix::fs::symlink(target.join("examples/verify"), folder.path().join("code/bootstrap")).expect("a link");
    let event = json!({"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Method": "GET", "Path": "/notes"}});
    let template = json!({"Resources": {
        "Api": {"Type": "AWS::Serverless::HttpApi"},
        "NotesFunction": {"Type": "AWS::Serverless::Function", "Properties": {
            "CodeUri": "code", "Runtime": "provided.al2023", "Handler": "bootstrap",
            "Environment": {"Variables": {"ISSUER": issuer, "AUDIENCE": audience, "SCOPE": scope}},
            "Events": {"List": event},
        }},
    }});
    let file = folder.path().join("template.yaml");
    std::fs::write(&file, template.to_string()).expect("a file");
    let stack = Stack::start(Options { template: file, ..Options::default() }).await.expect("the function starts");
    (stack, folder)
}

/// The service with its defaults.
async fn service() -> Stack {
    let options = Options { template: root().join("template.yaml"), data: Data::Memory, ..Options::default() };
    Stack::start(options).await.expect("the stack starts")
}

/// Whether a program exists. In CI it must.
fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.is_ok() || std::env::var("CI").as_deref() != Ok("true"), "no {program}");
    status.is_ok()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent")
}
