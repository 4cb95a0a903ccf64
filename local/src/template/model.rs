//! What a template declares, as the rest of this crate works with it. Logical ids are the names throughout.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value as Json;

use crate::iam::{KeyStatement, Role};

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct Function {
    /// The physical name, `local-LoginFunction`.
    pub name: String,
    /// `arn:aws:lambda:…:function:local-LoginFunction`.
    pub arn: String,
    /// `AutoPublishAlias`: the alias that its events and other stacks call.
    pub alias: Option<String>,
    /// Every name that may stand behind its ARN: its alias, and those of `AWS::Lambda::Alias`.
    pub aliases: Vec<String>,
    /// The folder that holds its source, or its `bootstrap`.
    pub code_uri: PathBuf,
    /// How its executable comes about.
    pub build: Build,
    /// `Handler`, as `_HANDLER` shows it to the function.
    pub handler: String,
    /// In MB. Nothing is limited here, but the function can read it.
    pub memory: u64,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Its environment variables.
    pub variables: BTreeMap<String, String>,
    /// What it may do.
    pub role: Role,
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
    /// A managed runtime, `python3.13` or `nodejs22.x`: `CodeUri` holds the source.
    Interpreted {
        /// The name of the runtime.
        runtime: String,
    },
}

/// An HTTP API or a REST API.
#[derive(Debug, Clone)]
pub struct Api {
    /// Its id, as ARNs and events name it.
    pub id: String,
    /// Which of the two it is.
    pub protocol: Protocol,
    /// Where it is deployed to: never empty.
    pub stages: Vec<Stage>,
    /// What it answers.
    pub routes: Vec<Route>,
    /// Authorizers by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// How a REST API answers in place of a function, by type of response, where that is customised.
    pub responses: BTreeMap<String, GatewayResponse>,
}

impl Api {
    /// What answers where there is no API: a 404 for everything.
    pub(crate) fn empty() -> Self {
        Self {
            id: String::new(),
            protocol: Protocol::Http,
            stages: vec![Stage { name: "$default".into(), variables: BTreeMap::new() }],
            routes: Vec::new(),
            authorizers: BTreeMap::new(),
            responses: BTreeMap::new(),
        }
    }
}

/// The two kinds of API Gateway, which differ in nearly everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `AWS::ApiGatewayV2::Api`, payload format 2.0.
    Http,
    /// `AWS::ApiGateway::RestApi`, payload format 1.0.
    Rest,
}

/// A stage of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// `$default`, or the first segment of every path.
    pub name: String,
    /// The stage variables.
    pub variables: BTreeMap<String, String>,
}

/// A route of an HTTP API, or a method of a resource of a REST API.
#[derive(Debug, Clone)]
pub struct Route {
    /// `GET /x/{id}`, `ANY /y/{proxy+}` or, in an HTTP API, `$default`.
    pub key: String,
    /// The function behind it.
    pub function: String,
    /// How long the gateway waits for the function.
    pub timeout: Duration,
    /// The authorizer before it.
    pub authorizer: Option<String>,
    /// The scopes of which a JWT authorizer wants one.
    pub scopes: Vec<String>,
}

/// What decides whether a request passes.
#[derive(Debug, Clone)]
pub enum Authorizer {
    /// A function.
    Lambda(LambdaAuthorizer),
    /// The gateway itself, of HTTP APIs only.
    Jwt(JwtAuthorizer),
}

/// A Lambda authorizer.
#[derive(Debug, Clone)]
pub struct LambdaAuthorizer {
    /// The function that decides.
    pub function: String,
    /// What it is sent, and how it answers.
    pub payload: AuthorizerPayload,
    /// How long an answer is remembered; zero asks every time.
    pub ttl: Duration,
    /// Where the identity is found in a request; all must be present.
    pub identity: Vec<IdentitySource>,
}

/// The forms of authorizer events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizerPayload {
    /// HTTP API, format 2.0, answered with `{isAuthorized, context}`.
    HttpSimple,
    /// HTTP API, format 2.0, answered with an IAM policy.
    HttpPolicy,
    /// HTTP API, format 1.0, answered with an IAM policy.
    HttpV1,
    /// REST API, type `TOKEN`.
    RestToken,
    /// REST API, type `REQUEST`.
    RestRequest,
}

/// An HTTP API's own authorizer for JWTs.
#[derive(Debug, Clone)]
pub struct JwtAuthorizer {
    /// The exact `iss`; keys are found through its discovery document.
    pub issuer: String,
    /// The `aud` values of which a token must name one.
    pub audience: Vec<String>,
    /// Where the token is found.
    pub identity: IdentitySource,
}

/// One identity source of an authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentitySource {
    /// A header, lower-cased.
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// A stage variable.
    StageVariable(String),
    /// The key of the route: HTTP APIs.
    RouteKey,
    /// The path of the resource as declared: REST APIs.
    ResourcePath,
    /// The method.
    Method,
    /// The path, decoded: HTTP APIs.
    Path,
    /// The path as sent: REST APIs.
    RawPath,
    /// The name of the stage.
    Stage,
    /// The address of the client.
    SourceIp,
}

/// How a REST API answers in place of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayResponse {
    /// The status, if it is another than usual.
    pub status: Option<u16>,
    /// Headers and where their values come from: `'static'`, `context.x`, `method.request.header.x`.
    pub headers: BTreeMap<String, String>,
    /// Bodies by content type, with variables such as `$context.error.messageString`.
    pub templates: BTreeMap<String, String>,
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

/// A stream whose records a function takes, as an `AWS::Lambda::EventSourceMapping` says.
#[derive(Debug, Clone)]
pub struct EventSource {
    /// The logical id of the function.
    pub function: String,
    /// What is invoked: the ARN of the function or of its alias.
    pub called: String,
    /// The ARN of the stream, as the template names it.
    pub stream: String,
    /// The most records of one invocation.
    pub batch_size: usize,
    /// How often a batch is tried again; without a number, until its records are too old.
    pub retries: Option<u64>,
    /// How old a record may be.
    pub max_age: Option<Duration>,
    /// Whether a batch that fails as a whole is halved.
    pub bisects: bool,
    /// Whether the function names the records that failed.
    pub reports: bool,
    /// Patterns of records, one of which must fit; none lets every record pass.
    pub filters: Vec<Json>,
    /// The ARN of the queue that is told of records that were given up.
    pub on_failure: Option<String>,
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
