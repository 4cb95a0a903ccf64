//! A service on the engine of another stack, with a faulty proxy between them.

use local::{Options, Stack};

use super::faulty::Faulty;
use super::service::{Service, options};

/// A service whose store and KMS can be made to fail.
pub struct Disturbed {
    pub service: Service,
    pub store: Faulty,
    pub kms: Faulty,
    _engine: Stack,
}

impl Disturbed {
    pub async fn start() -> Self {
        Self::with_parameters(&[]).await
    }

    /// The same with some template parameters.
    pub async fn with_parameters(parameters: &[(&str, &str)]) -> Self {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let engine = Stack::start(options()).await.expect("the engine starts");
        let store = Faulty::before(engine.dynamodb_endpoint()).await;
        let kms = Faulty::before(engine.kms_endpoint()).await;
        let service = Service::with_options(Options {
            dynamodb_endpoint: Some(store.url.clone()),
            kms_endpoint: Some(kms.url.clone()),
            parameters,
            ..options().over(&engine)
        });
        Self { service: service.await, store, kms, _engine: engine }
    }
}
