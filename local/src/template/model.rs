//! What a template declares, as the rest of this crate works with it. Logical ids are the names throughout.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value as Json;

use crate::iam::{KeyStatement, Statement};

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct Function {
    /// The physical name, `local-LoginFunction`.
    pub name: String,
    /// `arn:aws:lambda:…:function:local-LoginFunction`.
    pub arn: String,
    /// The folder that holds its source, or its `bootstrap`.
    pub code_uri: PathBuf,
    /// How its executable comes about.
    pub build: Build,
    /// `Handler`, as `_HANDLER` shows it to the function.
    pub handler: String,
    /// In MB. Nothing is limited here; the function is told.
    pub memory: u64,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Its environment variables.
    pub variables: BTreeMap<String, String>,
    /// What its role may do.
    pub statements: Vec<Statement>,
    /// Its tags, which are its role's too.
    pub tags: BTreeMap<String, String>,
}

/// How the executable of a function comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Build {
    /// `BuildMethod: rust-cargolambda`: the package in `CodeUri`; `binary` where it has several.
    Cargo {
        /// `BuildProperties.Binary`.
        binary: Option<String>,
    },
    /// No build method: `CodeUri` holds an executable named `bootstrap`.
    Bootstrap,
}

/// A route of the HTTP API.
#[derive(Debug, Clone)]
pub struct Route {
    /// `GET /x/{id}`, `ANY /y/{proxy+}` or `$default`.
    pub key: String,
    /// The function behind it.
    pub function: String,
    /// How long the gateway waits for the function.
    pub timeout: Duration,
    /// The authorizer before it.
    pub authorizer: Option<String>,
}

/// A Lambda authorizer (payload format 2.0).
#[derive(Debug, Clone)]
pub struct Authorizer {
    /// The function that decides.
    pub function: String,
    /// Whether it answers `{isAuthorized, context}` rather than an IAM policy.
    pub simple: bool,
    /// How long an answer is remembered; zero asks every time.
    pub ttl: Duration,
    /// Where the identity is found in a request; all must be present.
    pub identity: Vec<IdentitySource>,
}

/// One identity source of an authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentitySource {
    /// `$request.header.Name`, lower-cased.
    Header(String),
    /// `$request.querystring.name`.
    Query(String),
    /// `$context.routeKey`.
    RouteKey,
    /// `$context.httpMethod`.
    Method,
    /// `$context.path`.
    Path,
    /// `$context.identity.sourceIp`.
    SourceIp,
}

/// A DynamoDB table.
#[derive(Debug, Clone)]
pub struct Table {
    /// The physical name, `local-Table`.
    pub name: String,
    /// The body of the `CreateTable` call that makes it.
    pub create: Json,
    /// The attribute that holds the time to live, in epoch seconds.
    pub time_to_live: Option<String>,
}

/// A symmetric KMS key.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its logical id.
    pub id: String,
    /// `arn:aws:kms:…:key/…`.
    pub arn: String,
    /// Who may use it.
    pub policy: Vec<KeyStatement>,
}
