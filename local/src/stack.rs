//! A running stack: engine, KMS stand-in, guards, functions and gateway, in the order in which they need each other.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::Value as Json;
use tokio::net::TcpListener;

use crate::console::Console;
use crate::containers::{self, Containers};
use crate::data::{Endpoints, Folder, Opened, absolute};
use crate::dynamodb::{self, Engine};
use crate::gateway::Gateway;
use crate::http::{self, Task};
use crate::iam::{Guards, Identities};
use crate::kms::{self, Kms};
use crate::policy::Access;
use crate::runtime::{Failure, Functions, LogLine, Logs, Surroundings};
use crate::template::{Api, Deployment, Route, Stage, Template};
use crate::{Data, Error, Options, build};

/// A stack that runs until it is stopped or dropped; either ends every process that it started.
#[derive(Debug)]
pub struct Stack {
    template: Template,
    endpoints: Endpoints,
    functions: Arc<Functions>,
    gateway: Vec<Task>,
    guards: Guards,
    backends: Backends,
    console: Console,
    containers: Option<Containers>,
    /// Last, so that the folder is free only when nothing uses it any more.
    folder: Option<Folder>,
}

impl Stack {
    /// Builds the functions, starts everything that the template declares and serves its routes.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let ports = options.ports(Template::imports(&options.template));
        let (listeners, address) = bind(&ports, options.containers.as_deref().map(containers::address)).await?;
        let (template, deployment) = deploy(&options, url(&options, address)).await?;
        let folder = match &options.data {
            Data::Folder(path) if !template.tables.is_empty() || !template.keys.is_empty() => match Folder::open(path)?
            {
                Opened::Ours(folder) => Some(folder),
                Opened::Theirs(by) => return Err(in_use(path, by)),
            },
            Data::Folder(_) | Data::Memory => None, // nothing to keep
        };
        let mut stack = Self::assemble(options, folder, (template, deployment.clone())).await?;
        stack.serve(listeners, address, deployment)?;
        if let Some(folder) = &stack.folder {
            folder.announce(&stack.endpoints)?;
        }
        Ok(stack)
    }

    /// The same without a gateway, to invoke functions directly. With a data folder that a running stack uses, the
    /// functions work on that stack's data.
    pub async fn without_gateway(mut options: Options) -> Result<Self, Error> {
        options.containers = None; // nobody could use them
        let mut url = format!("http://127.0.0.1:{}", options.ports(false)[0]);
        let mut folder = None;
        if let Data::Folder(path) = &options.data {
            match Folder::open(path)? {
                Opened::Ours(ours) => folder = Some(ours),
                Opened::Theirs(None) => return Err(in_use(path, None)),
                Opened::Theirs(Some(theirs)) => {
                    url = theirs.url;
                    options.dynamodb_endpoint.get_or_insert(theirs.dynamodb);
                    options.kms_endpoint.get_or_insert(theirs.kms);
                }
            }
        }
        let (template, deployment) = deploy(&options, url).await?;
        Self::assemble(options, folder, (template, deployment)).await
    }

    async fn assemble(
        mut options: Options,
        folder: Option<Folder>,
        (template, deployment): (Template, Deployment),
    ) -> Result<Self, Error> {
        let console = Console::new(options.quiet);
        let executables = build::executables(&template.functions, options.quiet).await?;
        let backends = Backends::start(&mut options, &template, folder.as_ref()).await?;
        let endpoints = Endpoints {
            url: deployment.endpoint.clone().unwrap_or_default(),
            dynamodb: backends.dynamodb.clone(),
            kms: backends.kms.clone(),
            parameters: given(&options),
        };
        for table in &template.tables {
            dynamodb::create_table(&endpoints.dynamodb, &deployment.region, table).await?;
        }
        let identities = Arc::new(Identities::new(template.functions.keys()));
        let behind = (endpoints.dynamodb.as_str(), endpoints.kms.as_str());
        let containers = options.containers.zip(folder.as_ref()).map(|(host, data)| Containers::new(host, data.path()));
        let at = containers.as_ref().map_or(Ipv4Addr::LOCALHOST.into(), |known| containers::address(known.host()));
        let aws = (&template, &deployment);
        let guards = Guards::start(aws, Arc::clone(&identities), behind, at, console.clone()).await?;
        if let Some(containers) = &containers {
            let endpoints = guards.variables(|address| containers.url(address.port()));
            containers.write(&template.functions, &identities, &deployment.region, &endpoints)?;
        }
        options.function_variables.extend(guards.variables(|address| format!("http://{address}")));
        let surroundings = Surroundings {
            deployment,
            variables: options.function_variables,
            identities,
            instances: options.instances,
            logs: Arc::new(Logs::new(options.function_logs.then(|| console.clone()))),
            console: console.clone(),
        };
        let functions = Arc::new(Functions::new(&template.functions, &executables, &surroundings)?);
        Ok(Self { template, endpoints, functions, gateway: Vec::new(), guards, backends, console, containers, folder })
    }

    fn serve(&mut self, listeners: Vec<TcpListener>, address: SocketAddr, deployment: Deployment) -> Result<(), Error> {
        let api = self.template.api.clone().unwrap_or_else(Api::empty);
        let functions = Arc::clone(&self.functions);
        let gateway = Gateway::new(&api, deployment, address, functions, self.console.clone())?;
        self.gateway = gateway.serve(listeners);
        Ok(())
    }

    /// Where the gateway answers: `http://127.0.0.1:PORT`, with containers `http://localhost:PORT`.
    pub fn url(&self) -> &str {
        &self.endpoints.url
    }

    /// Where DynamoDB answers its operator, who may do everything. Functions are sent to the guard before it.
    pub fn dynamodb_endpoint(&self) -> &str {
        &self.endpoints.dynamodb
    }

    /// Where KMS answers its operator, who may do everything. Functions are sent to the guard before it.
    pub fn kms_endpoint(&self) -> &str {
        &self.endpoints.kms
    }

    /// The name of the template's table, the first one if it has several; empty if it has none.
    pub fn table_name(&self) -> &str {
        self.template.tables.first().map_or("", |table| table.name.as_str())
    }

    /// The resolved template.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Has a function (by logical id) process an event.
    pub async fn invoke(&self, function: &str, event: Json) -> Result<Json, Failure> {
        let answer = self.functions.invoke(function, Bytes::from(event.to_string())).await.result?;
        serde_json::from_slice(&answer).map_err(|error| Failure::NotJson(error.to_string()))
    }

    /// Functions, by logical id, and what their roles let them do so far: one example of every use of a grant.
    pub fn uses(&self) -> Vec<(String, Access)> {
        self.guards.uses()
    }

    /// What functions were refused, because their roles do not grant it: function, action, key and reason.
    pub fn refusals(&self) -> Vec<String> {
        self.guards.refusals()
    }

    /// What the functions have written so far, oldest first. The last lines may be missing that a function wrote before
    /// it answered: [`Stack::stop`] has them all.
    pub fn logs(&self) -> Vec<LogLine> {
        self.functions.logs()
    }

    /// How many processes of a function (by logical id) are alive.
    pub fn instances(&self, function: &str) -> usize {
        self.functions.instances(function)
    }

    /// Routes and endpoints, for people.
    pub fn summary(&self) -> String {
        let mut routes = Table::new();
        routes.load_style(NOTHING).set_header(["METHOD", "PATH", "FUNCTION", "AUTHORIZER"]);
        if let Some(api) = &self.template.api {
            let lines = api.stages.iter().flat_map(|stage| api.routes.iter().map(|route| line(stage, route)));
            routes.add_rows(lines);
        }
        let Endpoints { dynamodb, kms, .. } = &self.endpoints;
        let table = self.table_name();
        let containers = self.containers.as_ref().map(Containers::folder);
        let containers = containers.map(|folder| format!("containers: see {}\n", folder.display())).unwrap_or_default();
        format!("{}\n\nDynamoDB {dynamodb}  table {table}\nKMS      {kms}\n{containers}", routes.trim_fmt())
    }

    /// Ends every process and server, and waits until they are gone: all that the functions wrote.
    pub async fn stop(mut self) -> Vec<LogLine> {
        self.gateway.clear();
        self.functions.end().await;
        self.backends.end().await;
        self.console.flush().await;
        self.functions.logs()
    }
}

/// The services that functions call, where they are not somebody else's.
#[derive(Debug)]
struct Backends {
    /// Where DynamoDB answers.
    dynamodb: String,
    /// Where KMS answers.
    kms: String,
    engine: Option<Engine>,
    stand_in: Option<Kms>,
}

impl Backends {
    /// Starts what `options` does not name an endpoint for.
    async fn start(options: &mut Options, template: &Template, folder: Option<&Folder>) -> Result<Self, Error> {
        for given in [&options.dynamodb_endpoint, &options.kms_endpoint].into_iter().flatten() {
            http::check_address(given)?;
        }
        let (dynamodb, engine) = if let Some(endpoint) = options.dynamodb_endpoint.take() {
            (endpoint, None)
        } else {
            let engine = Engine::start(folder.map(Folder::database)).await?;
            (engine.endpoint.clone(), Some(engine))
        };
        let (kms, stand_in) = if let Some(endpoint) = options.kms_endpoint.take() {
            (endpoint, None)
        } else {
            let stand_in = Kms::start(&template.keys, folder.map(Folder::path)).await?;
            (stand_in.endpoint.clone(), Some(stand_in))
        };
        Ok(Self { dynamodb, kms, engine, stand_in })
    }

    async fn end(self) {
        drop(self.stand_in);
        if let Some(engine) = self.engine {
            engine.end().await;
        }
    }
}

/// Method, path, function and authorizer of a route in a stage.
fn line(stage: &Stage, route: &Route) -> [String; 4] {
    let (method, path) = route.key.split_once(' ').unwrap_or(("ANY", &route.key));
    let path = if stage.name == "$default" { path.to_owned() } else { format!("/{}{path}", stage.name) };
    [method.to_owned(), path, route.function.clone(), route.authorizer.clone().unwrap_or_default()]
}

/// The API's address. One with a name can be another machine to a container, where 127.0.0.1 is the container.
fn url(options: &Options, address: SocketAddr) -> String {
    match options.containers {
        Some(_) => format!("http://localhost:{}", address.port()),
        None => format!("http://{address}"),
    }
}

/// What the template comes to when its API answers at `url`; in another KMS, its keys are made now.
async fn deploy(options: &Options, url: String) -> Result<(Template, Deployment), Error> {
    let mut deployment = Deployment { stack_name: options.stack_name.clone(), ..Deployment::local(url) };
    let template = resolve(options, &deployment)?;
    let Some(endpoint) = &options.kms_endpoint else { return Ok((template, deployment)) };
    http::check_address(endpoint)?;
    deployment.keys = kms::adopt(endpoint, &template.keys, &deployment).await?;
    Ok((resolve(options, &deployment)?, deployment))
}

/// What the template comes to with the parameters that were given.
fn resolve(options: &Options, deployment: &Deployment) -> Result<Template, Error> {
    Template::load_beside(&absolute(&options.template), &given(options), deployment, options.beside.as_ref())
}

fn given(options: &Options) -> Vec<(String, String)> {
    let issuer = options.issuer.iter().map(|issuer| ("Issuer".to_owned(), issuer.clone()));
    options.parameters.iter().cloned().chain(issuer).collect()
}

/// Takes the first of these ports that is free, here and at another address of this machine, if any.
async fn bind(ports: &[u16], other: Option<IpAddr>) -> Result<(Vec<TcpListener>, SocketAddr), Error> {
    for port in ports {
        match listen(*port, other).await {
            Ok(bound) => return Ok(bound),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => {
                let at = other.map(|other| format!(" here and on {other}")).unwrap_or_default();
                return Err(Error::doing(format!("listening on port {port}{at}"))(error));
            }
        }
    }
    let mut ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    ports.dedup();
    let ports = ports.join(", ");
    Err(Error::new(format!("port {ports} is in use: give another with --port, or --port 0 for a free one")))
}

async fn listen(port: u16, other: Option<IpAddr>) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
    let (listener, address) = http::listen(port).await?;
    let mut listeners = vec![listener];
    if let Some(other) = other.filter(|other| *other != address.ip()) {
        listeners.push(http::listen_at(other, address.port()).await?.0);
    }
    Ok((listeners, address))
}

fn in_use(path: &std::path::Path, by: Option<Endpoints>) -> Error {
    let by = by.map_or_else(|| "another instance".into(), |by| format!("the instance at {}", by.url));
    Error::new(format!("{by} uses the data folder {}: stop it, or give another folder with --data", path.display()))
}
