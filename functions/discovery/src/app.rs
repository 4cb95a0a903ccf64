//! What the function holds, and which endpoint answers what.

use issuer::SigningKeys;
use oauth::metadata::Metadata;
use oauth::{Code, Error};
use store::{Aws, Keys, Seal, Table};
use web::{Config, Function, Method, Request, Response};

pub(crate) struct App {
    pub(crate) metadata: Metadata,
    pub(crate) keys: SigningKeys,
}

impl App {
    pub(crate) async fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::from_environment().await;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let keys = Keys::new(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?));
        Ok(Self {
            metadata: Metadata::new(config.required("ISSUER")?),
            keys: SigningKeys::new(keys, config.parsed("SIGNING_ALGORITHM")?),
        })
    }
}

impl Function for App {
    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        const METHODS: &str = "GET, HEAD, OPTIONS";
        match (request.method(), request.path()) {
            (&Method::GET, "/.well-known/oauth-authorization-server") => crate::metadata::metadata(self, request),
            (&Method::GET, "/.well-known/jwks.json") => crate::jwks::jwks(self, request).await,
            (_, "/.well-known/oauth-authorization-server" | "/.well-known/jwks.json") => {
                Err(Error::method_not_allowed(METHODS))
            }
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
