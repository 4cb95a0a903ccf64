//! What the function holds, and which endpoint answers what.

use issuer::{RevocationView, SigningKeys};
use oauth::metadata::Metadata;
use oauth::{Code, Config, Error};
use store::{Aws, Keys, Revocations, Seal, Table, Vault};
use web::{Function, Method, Request, Response};

/// How old, in seconds, the list of revocations may be when it is handed out. It adds to `RevocationSeconds`.
const REVOCATIONS_SECONDS: u64 = 1;

pub(crate) struct App {
    pub(crate) metadata: Metadata,
    pub(crate) keys: SigningKeys,
    pub(crate) revocations: RevocationView,
}

impl App {
    pub(crate) async fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::from_environment().await;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let vault = Vault::new(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?));
        Ok(Self {
            metadata: Metadata::new(config.required("ISSUER")?),
            revocations: RevocationView::new(Revocations::new(&table), REVOCATIONS_SECONDS),
            keys: SigningKeys::publishing(Keys::new(&table), vault, config.parsed("SIGNING_ALGORITHM")?),
        })
    }
}

impl Function for App {
    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::GET, "/.well-known/oauth-authorization-server") => crate::metadata::metadata(self, request),
            (&Method::GET, "/.well-known/jwks.json") => crate::jwks::jwks(self, request).await,
            (&Method::GET, "/revocations") => crate::revocations::revocations(self, request).await,
            (_, "/.well-known/oauth-authorization-server" | "/.well-known/jwks.json" | "/revocations") => {
                Err(Error::method_not_allowed("GET, HEAD, OPTIONS"))
            }
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
