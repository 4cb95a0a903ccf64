//! What a stack is started with.

use std::path::PathBuf;

use super::{Stack, folder};
use crate::iam::Credentials;
use crate::template::Beside;

/// Where the service answers if nobody says otherwise.
pub(super) const USUAL_PORT: u16 = 3000;

/// How to start a [`Stack`](crate::Stack). The default is what a test wants: a free port, nothing kept, nothing printed.
#[derive(Debug, Clone)]
pub struct Options {
    /// The template file. Relative paths inside it are relative to its folder.
    pub template: PathBuf,
    /// The port of the gateway on 127.0.0.1; 0 takes a free one. Without one it is 3000, or for a template that imports
    /// from another stack the first free one after that stack's.
    pub port: Option<u16>,
    /// Where the table and the key of the KMS stand-in live.
    pub data: Data,
    /// The stack that this one may import from.
    pub beside: Option<Beside>,
    /// Template parameters as `(name, value)`; of two for one name the last wins.
    pub parameters: Vec<(String, String)>,
    /// `AWS::StackName`, with which the names of everything in it begin.
    pub stack_name: String,
    /// Short for the parameter `Issuer`.
    pub issuer: Option<String>,
    /// Short for the parameter `MailFrom`, which nobody gave otherwise, if the template has it: mail can be on by default
    /// here, because none leaves this machine.
    pub mail_from: Option<String>,
    /// Another DynamoDB, `http://HOST:PORT`; then no engine is embedded.
    pub dynamodb_endpoint: Option<String>,
    /// Another KMS, `http://HOST:PORT`; then there is no stand-in, and keys that it does not have are made there.
    pub kms_endpoint: Option<String>,
    /// What the operator signs with at those of another, which may take no other; what is embedded has an operator of its
    /// own.
    pub operator: Option<Credentials>,
    /// This machine's address, or its name, as containers know it, so that functions in containers can use the table and
    /// the key: the functions' endpoints are then there, and the data folder, without which this has no effect, holds the
    /// input for `sam local invoke`.
    pub containers: Option<String>,
    /// A file with people, clients and APIs that the service is to have, applied before the gateway opens.
    pub seed: Option<PathBuf>,
    /// Environment variables that every function gets besides those of the template, for example `RUST_LOG`.
    pub function_variables: Vec<(String, String)>,
    /// How many processes one function may have; further requests wait for one of them.
    pub instances: usize,
    /// Whether what functions write is shown as it comes. The end of it is shown anyway when one crashes.
    pub function_logs: bool,
    /// Whether other commands of this user find the stack by its port.
    pub announced: bool,
    /// Prints nothing at all.
    pub quiet: bool,
}

/// Where data lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// Gone when the stack ends.
    Memory,
    /// Kept in a folder, which one stack uses at a time.
    Folder(PathBuf),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            template: "template.yaml".into(),
            port: Some(0),
            data: Data::Memory,
            beside: None,
            parameters: Vec::new(),
            stack_name: "local".into(),
            issuer: None,
            mail_from: None,
            dynamodb_endpoint: None,
            kms_endpoint: None,
            operator: None,
            containers: None,
            seed: None,
            function_variables: Vec::new(),
            instances: 16,
            function_logs: false,
            announced: false,
            quiet: true,
        }
    }
}

impl Beside {
    /// The stack of `template` that answers at `url`; without one, the instance that serves with the same data folder,
    /// with its parameters, or the usual address.
    pub fn found(template: PathBuf, url: Option<String>, data: &Data) -> Self {
        let serving = match data {
            Data::Folder(path) => folder::serving(path).filter(|them| url.as_ref().is_none_or(|url| *url == them.url)),
            Data::Memory => None,
        };
        let url = url.or_else(|| Some(serving.as_ref()?.url.clone()));
        let url = url.unwrap_or_else(|| format!("http://127.0.0.1:{USUAL_PORT}"));
        Self { template, url, parameters: serving.map(|them| them.parameters).unwrap_or_default() }
    }
}

impl Options {
    /// The same over the services of another stack, which must live as long. Where something stands between the two, its
    /// address takes the place of an endpoint's afterwards.
    #[must_use]
    pub fn over(self, engine: &Stack) -> Self {
        Self {
            dynamodb_endpoint: Some(engine.dynamodb_endpoint().to_owned()),
            kms_endpoint: Some(engine.kms_endpoint().to_owned()),
            operator: Some(engine.operator().clone()),
            ..self
        }
    }

    /// The ports to try, in this order. A free one (0) may be taken at the containers' address, and is then not the last.
    pub(crate) fn ports(&self, imports: bool) -> Vec<u16> {
        let theirs = || self.beside.as_ref().and_then(|beside| beside.url.rsplit_once(':')?.1.parse().ok());
        match self.port {
            Some(0) => vec![0; 20],
            Some(port) => vec![port],
            None if imports => {
                let after = theirs().unwrap_or(USUAL_PORT).saturating_add(1);
                (after..after.saturating_add(20)).collect()
            }
            None => vec![USUAL_PORT],
        }
    }
}
