//! What a stack is started with.

use std::path::PathBuf;

/// How to start a [`Stack`](crate::Stack). The default is what a test wants: a free port, nothing kept, nothing printed.
#[derive(Debug, Clone)]
pub struct Options {
    /// The template file. Relative paths inside it are relative to its folder.
    pub template: PathBuf,
    /// The port of the gateway on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Where the table and the key of the KMS stand-in live.
    pub data: Data,
    /// Template parameters as `(name, value)`; of two for one name the last wins.
    pub parameters: Vec<(String, String)>,
    /// Short for the parameter `Issuer`.
    pub issuer: Option<String>,
    /// Another DynamoDB, `http://HOST:PORT`; then no engine is embedded.
    pub dynamodb_endpoint: Option<String>,
    /// Another KMS, `http://HOST:PORT`; then there is no stand-in.
    pub kms_endpoint: Option<String>,
    /// Environment variables that every function gets besides those of the template, for example `RUST_LOG`.
    pub function_variables: Vec<(String, String)>,
    /// How many processes one function may have; further requests wait for one of them.
    pub instances: usize,
    /// Whether what functions write is shown as it comes. The end of it is shown anyway when one crashes.
    pub function_logs: bool,
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
            port: 0,
            data: Data::Memory,
            parameters: Vec::new(),
            issuer: None,
            dynamodb_endpoint: None,
            kms_endpoint: None,
            function_variables: Vec::new(),
            instances: 16,
            function_logs: false,
            quiet: true,
        }
    }
}
