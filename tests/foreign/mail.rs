//! Mail through a real mail server, which requires TLS and a password and reads what it gets with Python's `email` package.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout};
use std::time::Duration;

use local::Options;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

use crate::program::Program;
use support::Service;
use support::outbox::{FROM, item, post, verification};
use support::service::options;

/// What the server takes, besides the user.
const PASSWORD: &str = "secret für SMTP";
/// The user, percent-encoded.
const USER: &str = "gatewright%40id.example";

/// A mail server with a certificate of its own authority.
struct Server {
    process: Child,
    lines: BufReader<ChildStdout>,
    /// By the scheme of the address.
    ports: Value,
    authority: String,
}

impl Server {
    fn start(program: &Program, folder: &Path) -> Self {
        let authority = authority();
        let (certificate, key) = certificate(&authority);
        let files = [("certificate.pem", certificate), ("key.pem", key)].map(|(name, text)| {
            let file = folder.join(name);
            std::fs::write(&file, text).expect("a file");
            file
        });
        let mut process = program.command().args(files).spawn().expect("the server starts");
        let lines = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut server = Self { process, lines, ports: Value::Null, authority: authority.0 };
        server.ports = server.line();
        server
    }

    /// The next thing that the server tells.
    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).expect("JSON")
    }

    /// A service that sends through it, with this password. The first one has the key that encrypts the password.
    async fn services(&self, scheme: &str, password: &str, authority: &str) -> [Service; 2] {
        let first = Service::with_options(options()).await;
        let encrypted = encrypted(&first, password).await;
        let server = format!("{scheme}://{USER}@localhost:{}", self.ports[scheme]);
        let parameters = [
            ("MailFrom", FROM),
            ("MailTransport", "smtp"),
            ("SmtpServer", &server),
            ("SmtpPassword", &encrypted),
            ("SmtpAuthority", authority),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let second = Service::with_options(Options { parameters, ..options().over(&first.stack) }).await;
        [first, second]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn encrypted(service: &Service, password: &str) -> String {
    use base64::Engine;
    let plaintext = base64::prelude::BASE64_STANDARD.encode(password);
    let key = &service.stack.template().keys[0].arn;
    let request = json!({"KeyId": key, "Plaintext": plaintext, "EncryptionContext": {"gatewright:secret": "SMTP"}});
    let answer = service.stack.kms_upstream().send("TrentService.Encrypt", request.to_string().into()).await;
    let answer: Value = serde_json::from_slice(answer.expect("an answer").body()).expect("JSON");
    answer["CiphertextBlob"].as_str().expect("base64").to_owned()
}

type Authority = (String, Issuer<'static, KeyPair>);

fn authority() -> Authority {
    let mut parameters = CertificateParams::new(Vec::new()).expect("parameters");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    (certificate.pem(), Issuer::new(parameters, key))
}

fn certificate((_, issuer): &Authority) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let parameters = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    (parameters.signed_by(&key, issuer).expect("a certificate").pem(), key.serialize_pem())
}

/// Waits until an item of a mail has a field.
async fn has(service: &Service, id: &str, field: &str) {
    while item(&service.stack, id).await.get(field).is_none() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_gets_each_mail_over_tls_from_a_user_with_a_password() {
    let program = Program::python(&["aiosmtpd"], "smtp.py");
    if !program.is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(&program, folder.path());
    for scheme in ["smtps", "smtp"] {
        let [_first, service] = server.services(scheme, PASSWORD, &server.authority).await;
        post(&service.stack, "1", &verification("nobody@example.com")).await;
        post(&service.stack, "2", &verification("alice@example.com")).await;
        let mail = server.line();
        assert_eq!((&mail["from"], &mail["to"]), (&json!(FROM), &json!(["alice@example.com"])));
        assert_eq!((&mail["tls"], &mail["user"]), (&json!(true), &json!("gatewright@id.example")), "{scheme}");
        assert_eq!(mail["defects"], json!([]), "{mail}");
        assert_eq!(mail["headers"]["subject"], "Bestätigen Sie Ihre E-Mail-Adresse");
        assert_eq!(mail["headers"]["from"], format!("Gatewright <{FROM}>"));
        assert_eq!(mail["headers"]["content-language"], "de");
        for kind in ["text/plain", "text/html"] {
            assert!(mail["parts"][kind].as_str().is_some_and(|text| text.contains("ABCD-1234")), "{mail}");
        }
        has(&service, "2", "sent_at").await;
        has(&service, "1", "failed_at").await;
        let scan = json!({"TableName": service.stack.table_name()});
        let dump = service.stack.dynamodb("Scan", &scan).await.expect("an answer").to_string();
        assert!(dump.contains("BOUNCE#"), "an address that the server does not know is marked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_a_strange_certificate_and_a_busy_server_are_faults_that_pass() {
    let program = Program::python(&["aiosmtpd"], "smtp.py");
    if !program.is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&program, folder.path());
    let strange = authority().0;
    for (password, authority, to) in [
        ("another", &server.authority, "alice@example.com"),
        (PASSWORD, &strange, "alice@example.com"),
        (PASSWORD, &server.authority, "later@example.com"),
    ] {
        let [_first, service] = server.services("smtps", password, authority).await;
        post(&service.stack, "1", &verification(to)).await;
        has(&service, "1", "released_at").await;
        let waiting = item(&service.stack, "1").await;
        assert!(waiting.get("failed_at").is_none() && waiting.get("secret").is_some(), "{waiting}");
    }
}
