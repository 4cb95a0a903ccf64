//! A running stack: key, engine, guards, functions and gateway, in the order in which they need each other.

mod announcement;
mod backends;
mod containers;
mod folder;
mod listeners;
mod options;
mod running;
mod summary;

use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Request;
use serde_json::{Value as Json, json};

use crate::Error;
use crate::engine;
use crate::eventbridge::EventFault;
use crate::gateway::Gateway;
use crate::guard::{Guards, Place, Watch};
use crate::iam::{Access, Aws, Credentials, Identities, Operator, Upstream};
use crate::kms;
use crate::runtime::{Failure, Functions, InvokeApi, LogLine, Logs, Surroundings, executables};
use crate::seed::{self, Seed};
use crate::streams::Streams;
use crate::template::{Api, Deployment, Template, absolute};
use crate::terminal::{Terminal, Tone};
use crate::wire::{self, Door, Task};
use announcement::{Announcement, Posted};
use backends::Backends;
use containers::Containers;
use folder::Folder;
use listeners::Listeners;
pub use options::{Data, Options};
pub use running::Running;

/// The parameter for the sender of mails.
const MAIL_FROM: &str = "MailFrom";

/// A stack that runs until it is stopped or dropped; either ends every process that it started.
#[derive(Debug)]
pub struct Stack {
    template: Template,
    deployment: Deployment,
    functions: Arc<Functions>,
    streams: Option<Streams>,
    served: Option<Served>,
    seeded: Option<String>,
    guards: Guards,
    backends: Backends,
    terminal: Terminal,
    containers: Option<Containers>,
    /// Last, so that the folder is free only when nothing uses it any more.
    folder: Option<Folder>,
}

/// What others reach a stack by.
#[derive(Debug)]
struct Served {
    gateway: Vec<Task>,
    invoke_api: InvokeApi,
    _posted: Option<Posted>,
}

/// What a stack is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Its failures are printed at the terminal: the caller sees them only from outside.
    Serving,
    /// Its failures are returned to whoever invokes it.
    Invoking,
}

/// A template, and where it is deployed to.
struct Deployed {
    template: Template,
    deployment: Deployment,
}

impl Stack {
    /// Builds the functions, starts everything that the template declares and serves its routes. Until everything is
    /// ready, connections are refused.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let seed = options.seed.as_deref().map(Seed::read).transpose()?;
        let ports = options.ports(Template::imports(&options.template));
        let listeners = Listeners::take(&ports, options.containers.as_deref().map(containers::address))?;
        let port = listeners.address().port();
        // One with a name can be another machine to a container, where 127.0.0.1 is the container.
        let host = if options.containers.is_some() { "localhost" } else { "127.0.0.1" };
        let deployed = deploy(&options, format!("http://{host}:{port}")).await?;
        let mut stack = Self::assemble(options.clone(), deployed, Purpose::Serving).await?;
        if let Some(seed) = seed {
            stack.seed(&seed).await?;
        }
        stack.serve(listeners, &options).await?;
        Ok(stack)
    }

    /// The same without a gateway, to invoke functions directly.
    pub async fn without_gateway(mut options: Options) -> Result<Self, Error> {
        options.containers = None; // nobody could use them
        let url = format!("http://127.0.0.1:{}", options.ports(false)[0]);
        let deployed = deploy(&options, url).await?;
        Self::assemble(options, deployed, Purpose::Invoking).await
    }

    async fn assemble(mut options: Options, deployed: Deployed, purpose: Purpose) -> Result<Self, Error> {
        let Deployed { template, deployment } = deployed;
        let folder = match &options.data {
            Data::Folder(path) if !template.tables.is_empty() || !template.keys.is_empty() => Some(Folder::open(path)?),
            Data::Folder(_) | Data::Memory => None, // nothing to keep
        };
        let terminal = Terminal::new(options.quiet);
        let executables = executables(&template.functions, &terminal).await?;
        let backends = Backends::start(&options, &template, &deployment, folder.as_ref(), &terminal).await?;
        for table in &template.tables {
            engine::create_table(&backends.services.dynamodb, table).await?;
        }
        let identities = Arc::new(Identities::new(template.functions.keys()));
        let host = options.containers.take();
        let containers = host.zip(folder.as_ref()).map(|(host, data)| Containers::new(host, data.path()));
        let place = match &containers {
            Some(known) => Place {
                address: containers::address(known.host()),
                door: Door::Programs { containers: Some(known.host().to_owned()) },
            },
            None => Place { address: Ipv4Addr::LOCALHOST.into(), door: Door::programs() },
        };
        let watch = Watch::new(Arc::clone(&identities), template.policies(&deployment), terminal.clone());
        let guards = Guards::start(&template, &deployment, backends.services.clone(), place, watch).await?;
        if let Some(containers) = &containers {
            let endpoints = guards.variables(|address| containers.url(address.port()));
            containers.write(&template.functions, &identities, &deployment.region, &endpoints)?;
        }
        options.function_variables.extend(guards.variables(|address| format!("http://{address}")));
        let surroundings = Surroundings {
            deployment: deployment.clone(),
            variables: options.function_variables,
            identities,
            instances: options.instances,
            logs: Arc::new(Logs::new(options.function_logs.then(|| terminal.clone()))),
            terminal: if purpose == Purpose::Serving { terminal.clone() } else { Terminal::new(true) },
        };
        let functions = Arc::new(Functions::new(&template.functions, &executables, &surroundings)?);
        template.event_sources.iter().try_for_each(|source| guards.check_source(source))?;
        let (sources, dynamodb) = (&template.event_sources, &backends.services.dynamodb);
        // Another engine has streams of its own, of which the folder knows nothing.
        let data = folder.as_ref().map(Folder::path).filter(|_| options.dynamodb_endpoint.is_none());
        let streams = Streams::start(sources, dynamodb, &functions, (data, &surroundings.terminal));
        Ok(Self {
            template,
            deployment,
            functions,
            streams: Some(streams),
            served: None,
            seeded: None,
            guards,
            backends,
            terminal,
            containers,
            folder,
        })
    }

    /// Sends the orders of a seed file.
    async fn seed(&mut self, seed: &Seed) -> Result<(), Error> {
        if !self.template.functions.contains_key(seed::FUNCTION) {
            return Err(Error::new(format!("a seed file is for a template with an {}", seed::FUNCTION)));
        }
        let applied = seed.apply(|function, order| self.invoke(function, order)).await?;
        for line in applied.lines.iter().chain([&applied.summary]) {
            self.terminal.print(Tone::Plain, line);
        }
        self.seeded = Some(applied.summary);
        Ok(())
    }

    /// Opens the ports, and announces them to other commands of this user.
    async fn serve(&mut self, listeners: Listeners, options: &Options) -> Result<(), Error> {
        let api = self.template.api.clone().unwrap_or_else(Api::empty);
        let (address, functions) = (listeners.address(), Arc::clone(&self.functions));
        let gateway = Gateway::new(&api, self.deployment.clone(), address, functions, self.terminal.clone())?;
        let gateway = gateway.with_inbox(Arc::clone(&self.backends.ses.inbox));
        let (region, credentials) = (self.deployment.region.clone(), self.backends.credentials.clone());
        let operator = Operator { service: Aws::Lambda, region: region.clone(), credentials: credentials.clone() };
        let invoke_api = InvokeApi::start(operator, Arc::clone(&self.functions)).await?;
        let gateway = gateway.serve(listeners.open()?);
        let announcement = Announcement {
            url: self.url().to_owned(),
            lambda: invoke_api.endpoint.clone(),
            region,
            operator: credentials,
            template: absolute(&options.template),
            parameters: given(options),
        };
        if let Some(folder) = &self.folder {
            folder.announce(&announcement)?;
            folder.share(&announcement.operator.profile("local", &announcement.region))?;
        }
        let posted = if options.announced { Some(announcement.post(address.port())?) } else { None };
        self.served = Some(Served { gateway, invoke_api, _posted: posted });
        Ok(())
    }

    /// Where the gateway answers: `http://127.0.0.1:PORT`, with containers `http://localhost:PORT`.
    pub fn url(&self) -> &str {
        self.deployment.endpoint.as_deref().unwrap_or_default()
    }

    /// Where DynamoDB answers its operator, who may do everything. Functions are sent to the guard before it.
    pub fn dynamodb_endpoint(&self) -> &str {
        &self.backends.services.dynamodb.endpoint
    }

    /// Where KMS answers its operator, who may do everything. Functions are sent to the guard before it.
    pub fn kms_endpoint(&self) -> &str {
        &self.backends.services.kms.endpoint
    }

    /// Has SES send, or refuse to, as the operator of an account can.
    pub async fn let_ses_send(&self, is_on: bool) -> Result<(), Error> {
        let Upstream { endpoint, operator } = &self.backends.services.ses;
        let request = Request::put(format!("{endpoint}/v2/email/account/sending"));
        let request = request.header("content-type", operator.service.content_type()).body(());
        let request = request.map_err(Error::doing("calling SES"))?;
        let body = json!({"SendingEnabled": is_on}).to_string();
        wire::send(operator.signed(request.into_parts().0, body.into())?).await.map(drop)
    }

    /// The events that functions sent to EventBridge and that it took, as they were sent, oldest first.
    pub fn events(&self) -> Vec<Json> {
        self.backends.eventbridge.buses.events()
    }

    /// Has calls of EventBridge, or some of the entries in them, fail from now on; `None` ends that.
    pub fn fail_events(&self, fault: Option<EventFault>) {
        self.backends.eventbridge.buses.fail(fault);
    }

    /// Where Lambda's Invoke API answers its operator; empty without a gateway.
    pub fn lambda_endpoint(&self) -> &str {
        self.served.as_ref().map_or("", |served| served.invoke_api.endpoint.as_str())
    }

    /// What the operator of DynamoDB and KMS signs with. Nobody else is answered there.
    pub fn operator(&self) -> &Credentials {
        &self.backends.services.dynamodb.operator.credentials
    }

    /// DynamoDB for its operator, for who stands between it and another stack.
    pub fn dynamodb_upstream(&self) -> Upstream {
        self.backends.services.dynamodb.clone()
    }

    /// KMS for its operator, likewise.
    pub fn kms_upstream(&self) -> Upstream {
        self.backends.services.kms.clone()
    }

    /// Has DynamoDB do something for its operator, and gives its answer.
    pub async fn dynamodb(&self, operation: &str, body: &Json) -> Result<Json, Error> {
        let answer = self.backends.services.dynamodb.call(operation, body).await?;
        answer.map_err(|exception| exception.doing(operation, "DynamoDB"))
    }

    /// The name of the template's table, the first one if it has several; empty if it has none.
    pub fn table_name(&self) -> &str {
        self.template.tables.first().map_or("", |table| table.name.as_str())
    }

    /// The resolved template.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Has a function process an event. It is named by its logical id, or by that and an alias: `OperatorFunction:admin`.
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

    /// What applying the seed file came to, if there was one: `seed FILE: 3 created`.
    pub fn seeded(&self) -> Option<&str> {
        self.seeded.as_deref()
    }

    /// How many processes of a function (by logical id) are alive.
    pub fn instances(&self, function: &str) -> usize {
        self.functions.instances(function)
    }

    /// Routes and endpoints, for people.
    pub fn summary(&self) -> String {
        let routes = summary::routes(self.template.api.as_ref());
        let (dynamodb, kms, table) = (self.dynamodb_endpoint(), self.kms_endpoint(), self.table_name());
        let lambda = self.lambda_endpoint();
        let mail = format!("{}/_local/mail", self.url());
        let containers = self.containers.as_ref().map(Containers::folder);
        let containers = containers.map(|folder| format!("containers: see {}\n", folder.display())).unwrap_or_default();
        let credentials = self.folder.as_ref().map(|folder| folder.credentials().display().to_string());
        let credentials = credentials.map(|file| format!("operator: profile local in {file}\n")).unwrap_or_default();
        format!(
            "{routes}\n\nDynamoDB {dynamodb}  table {table}\nKMS      {kms}\nLambda   {lambda}\nMail     {mail}\n{credentials}{containers}"
        )
    }

    /// Ends every process and server, and waits until they are gone: all that the functions wrote.
    pub async fn stop(mut self) -> Vec<LogLine> {
        if let Some(served) = &mut self.served {
            served.gateway.clear();
        }
        drop(self.streams.take());
        self.functions.end().await;
        self.backends.end().await;
        self.terminal.flush().await;
        self.functions.logs()
    }
}

/// What the template comes to when its API answers at `url`; in another KMS, its keys are made now.
async fn deploy(options: &Options, url: String) -> Result<Deployed, Error> {
    let mut deployment = Deployment { stack_name: options.stack_name.clone(), ..Deployment::local(url) };
    let template = resolve(options, &deployment)?;
    let Some(kms) = backends::other(options, &deployment, Aws::Kms)? else {
        return Ok(Deployed { template, deployment });
    };
    deployment.keys = kms::adopt(&kms, &template.keys, &deployment).await?;
    Ok(Deployed { template: resolve(options, &deployment)?, deployment })
}

/// What the template comes to with the parameters that were given.
fn resolve(options: &Options, deployment: &Deployment) -> Result<Template, Error> {
    Template::load_beside(&absolute(&options.template), &given(options), deployment, options.beside.as_ref())
}

fn given(options: &Options) -> Vec<(String, String)> {
    let issuer = options.issuer.iter().map(|issuer| ("Issuer".to_owned(), issuer.clone()));
    let mail = options.mail_from.iter().filter(|_| Template::has_parameter(&options.template, MAIL_FROM));
    let mail = mail.map(|from| (MAIL_FROM.to_owned(), from.clone()));
    mail.chain(options.parameters.iter().cloned()).chain(issuer).collect()
}
