//! The command line. Its doc comments are the text of `--help`.

#![expect(clippy::doc_markdown, reason = "the help text is no Markdown")]

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use local::{Beside, Credentials, Data, Options};

/// The template of a folder.
const TEMPLATE: &str = "template.yaml";

/// The parameter that makes events leave.
const EVENTS: &str = "Events";

/// The sender of mails, unless --param MailFrom names another. None leaves this machine.
const MAIL_FROM: &str = "no-reply@local.example";

/// Runs template.yaml on this machine: the same function binaries that Lambda runs, behind a gateway that behaves like
/// API Gateway, over an embedded DynamoDB and stand-ins for KMS, SES and EventBridge. Mails are shown at /_local/mail.
#[derive(Parser)]
#[command(name = "local", version, max_term_width = 100)]
pub(crate) struct Flags {
    /// What to do; serving the API is the default.
    #[command(subcommand)]
    command: Option<Command>,
    /// Port of the gateway on 127.0.0.1; 0 takes a free one. Without it 3000, or for a template that imports from another
    /// stack the first free one after that stack's. Of invoke: the port of the instance to use. Example: --port 8080
    #[arg(long, global = true)]
    port: Option<u16>,
    /// Folder for the table and the key of the KMS stand-in; made if missing. Example: --data my-data
    #[arg(long, global = true, value_name = "DIR", default_value = ".local")]
    data: PathBuf,
    /// Keep everything in memory, gone at the end; --data is then not used. Of invoke: use the instance that serves with
    /// --memory. Example: --memory
    #[arg(long, global = true)]
    memory: bool,
    /// Set a template parameter; repeatable. Example: --param AccessTokenSeconds=60
    #[arg(long = "param", global = true, value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Origin that tokens name as their issuer, short for --param Issuer=URL. Example: --issuer https://id.example.com
    #[arg(long, global = true, value_name = "URL")]
    issuer: Option<String>,
    /// Print a line for each security event that leaves by EventBridge, short for --param Events=on. Nothing leaves this
    /// machine. Example: --events
    #[arg(long, global = true)]
    events: bool,
    /// The template to run. Example: --template other/template.yaml
    #[arg(long, global = true, value_name = "FILE", default_value = TEMPLATE)]
    template: PathBuf,
    /// Where the stack answers that the template imports from: what it imports are exports and SSM parameters of the
    /// template.yaml in this folder. Without it, the instance that serves with the same --data, with its parameters, or
    /// else http://127.0.0.1:3000. Example: --template examples/rest-api/template.yaml --beside http://127.0.0.1:3000
    #[arg(long, global = true, value_name = "URL")]
    beside: Option<String>,
    /// Use this DynamoDB, or a proxy before one, and embed none. Calls are signed with AWS_ACCESS_KEY_ID and
    /// AWS_SECRET_ACCESS_KEY, where they are set. Example: --dynamodb-endpoint http://127.0.0.1:8000
    #[arg(long, global = true, value_name = "URL")]
    dynamodb_endpoint: Option<String>,
    /// Use this KMS and run no stand-in; the key is made there. Calls are signed as for --dynamodb-endpoint.
    /// Example: --kms-endpoint http://127.0.0.1:4566
    #[arg(long, global = true, value_name = "URL")]
    kms_endpoint: Option<String>,
    /// Let functions in containers, such as `sam local invoke` runs, use table, key and issuer: this machine's address on
    /// the containers' network, or the name that containers have for it. Writes variables.json and credentials for SAM to
    /// the folder `containers` in --data. Example: --containers 172.17.0.1
    #[arg(long, value_name = "HOST", conflicts_with = "memory")]
    containers: Option<String>,
    /// Declare the people, clients and APIs of this file (YAML or JSON) before serving; what is there already stays as it is.
    /// Example: --seed examples/seed.yaml
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Show what the functions write; RUST_LOG is then passed on to them. Lines carry their time (UTC); NO_COLOR=1 takes the
    /// colours away. Example: RUST_LOG=debug local --function-logs
    #[arg(long, global = true)]
    function_logs: bool,
}

/// What can be done besides serving.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run one event through one function and print its answer; the exit status is 0 only if it answered.
    ///
    /// The instance that serves with the same data folder runs it, or the one whose port --port names. If no instance
    /// serves with the data folder, the function works on that folder by itself; with --memory there must be one.
    ///
    /// Example: local invoke RegisterFunction events/register.json
    Invoke {
        /// Logical id of the function in the template, for example RegisterFunction; an alias may follow, as in
        /// OperatorFunction:admin.
        function: String,
        /// A file with the event as JSON; - reads it from standard input.
        event: PathBuf,
    },
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("must have the form Name=Value".to_owned()),
    }
}

impl Flags {
    /// The command, and how to start the stack for it.
    pub(crate) fn into_parts(self) -> (Option<Command>, Options) {
        let log_level = std::env::var("RUST_LOG").ok().filter(|_| self.function_logs);
        let events = self.events.then(|| (EVENTS.to_owned(), "on".to_owned()));
        let parameters = events.into_iter().chain(self.parameters).collect();
        let data = if self.memory { Data::Memory } else { Data::Folder(self.data) };
        let options = Options {
            template: self.template,
            port: self.port,
            beside: Some(Beside::found(TEMPLATE.into(), self.beside, &data)),
            data,
            parameters,
            issuer: self.issuer,
            mail_from: Some(MAIL_FROM.to_owned()),
            dynamodb_endpoint: self.dynamodb_endpoint,
            kms_endpoint: self.kms_endpoint,
            operator: credentials(),
            containers: self.containers,
            seed: self.seed,
            function_variables: log_level.into_iter().map(|level| ("RUST_LOG".to_owned(), level)).collect(),
            function_logs: self.function_logs,
            announced: true,
            quiet: false,
            ..Options::default()
        };
        (self.command, options)
    }
}

/// What calls of somebody else's services are signed with, as AWS's own tools take it.
fn credentials() -> Option<Credentials> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (id, secret) = (variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
    Some(Credentials { session_token: variable("AWS_SESSION_TOKEN"), ..Credentials::new(id, secret) })
}
