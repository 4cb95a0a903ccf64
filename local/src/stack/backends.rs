//! The services that functions call, and their operators: embedded here, or somebody else's.

use super::folder::Folder;
use super::options::Options;
use crate::Error;
use crate::engine::Engine;
use crate::eventbridge::EventBridge;
use crate::guard::Behind;
use crate::iam::{Aws, Credentials, Operator, Upstream};
use crate::kms::{Home, Kms};
use crate::ses::Ses;
use crate::template::{Deployment, Template};
use crate::terminal::Terminal;
use crate::wire;

/// What runs here, while this lives.
#[derive(Debug)]
pub(super) struct Backends {
    pub(super) services: Behind,
    /// What the operator of all that runs here signs with.
    pub(super) credentials: Credentials,
    engine: Option<Engine>,
    stand_in: Option<Kms>,
    pub(super) ses: Ses,
    pub(super) eventbridge: EventBridge,
}

impl Backends {
    /// Starts what `options` does not name an endpoint for.
    pub(super) async fn start(
        options: &Options,
        template: &Template,
        deployment: &Deployment,
        folder: Option<&Folder>,
        terminal: &Terminal,
    ) -> Result<Self, Error> {
        let credentials = Credentials::of_an_operator();
        let own = |service| {
            let (region, credentials) = (deployment.region.clone(), credentials.clone());
            Operator { service, region, credentials }
        };
        // The key first: whether one may be made depends on there being no database yet.
        let (kms, stand_in) = if let Some(kms) = other(options, deployment, Aws::Kms)? {
            (kms, None)
        } else {
            let stand_in = Kms::start(own(Aws::Kms), &template.keys, home(folder)).await?;
            (Upstream { endpoint: stand_in.endpoint.clone(), operator: own(Aws::Kms) }, Some(stand_in))
        };
        let (dynamodb, engine) = if let Some(dynamodb) = other(options, deployment, Aws::DynamoDb)? {
            (dynamodb, None)
        } else {
            let engine = Engine::start(own(Aws::DynamoDb), folder.map(Folder::database)).await?;
            (Upstream { endpoint: engine.endpoint.clone(), operator: own(Aws::DynamoDb) }, Some(engine))
        };
        let ses = Ses::start(own(Aws::Ses), terminal.clone()).await?;
        let sending = Upstream { endpoint: ses.endpoint.clone(), operator: own(Aws::Ses) };
        let eventbridge = EventBridge::start(own(Aws::EventBridge), terminal.clone()).await?;
        let buses = Upstream { endpoint: eventbridge.endpoint.clone(), operator: own(Aws::EventBridge) };
        let services = Behind { dynamodb, kms, ses: sending, eventbridge: buses };
        Ok(Self { services, credentials, engine, stand_in, ses, eventbridge })
    }

    /// Ends what runs here, and waits until the database is closed.
    pub(super) async fn end(self) {
        drop(self.stand_in);
        if let Some(engine) = self.engine {
            engine.end().await;
        }
    }
}

/// Where the key of the stand-in lives.
fn home(folder: Option<&Folder>) -> Home<'_> {
    match folder {
        None => Home::Memory,
        Some(folder) if folder.is_new() => Home::NewFolder(folder.path()),
        Some(folder) => Home::Folder(folder.path()),
    }
}

/// Somebody else's service, if `options` name one.
pub(super) fn other(options: &Options, deployment: &Deployment, service: Aws) -> Result<Option<Upstream>, Error> {
    let endpoint = match service {
        Aws::DynamoDb => &options.dynamodb_endpoint,
        Aws::Kms => &options.kms_endpoint,
        Aws::Lambda | Aws::Ses | Aws::EventBridge => &None,
    };
    let Some(endpoint) = endpoint else { return Ok(None) };
    wire::check_address(endpoint)?;
    // Engines for development take any credentials, and some keep the data of each apart: always the same, then.
    let credentials = options.operator.clone().unwrap_or_else(|| Credentials::new("local", "local"));
    let operator = Operator { service, region: deployment.region.clone(), credentials };
    Ok(Some(Upstream { endpoint: endpoint.clone(), operator }))
}
