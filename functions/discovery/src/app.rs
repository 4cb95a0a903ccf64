//! The collections and settings that the endpoints use, opened once at cold start.

use mint::{RevocationView, SigningKeys};
use oauth::metadata::{Metadata, ProtectedResource};
use oauth::{Config, Error, SigningAlgorithms, resource};
use store::{Aws, Keys, Resources, Revocations, Seal, Table, Vault};
use web::Site;

/// How old a served list of revocations may be, in seconds. This adds to `RevocationSeconds`.
const REVOCATIONS_SECONDS: u64 = 1;

pub(crate) struct App {
    pub(crate) issuer: String,
    pub(crate) site: Site,
    pub(crate) metadata: Metadata,
    pub(crate) resources: Resources,
    pub(crate) protected_resource: ProtectedResource,
    pub(crate) keys: SigningKeys,
    pub(crate) revocations: RevocationView,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let vault = Vault::new(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?));
        Ok(Self {
            issuer: config.required("ISSUER")?.to_owned(),
            site: Site::read(config)?,
            metadata: Metadata::read(config)?,
            resources: Resources::new(&table, resource::home(config)?),
            protected_resource: ProtectedResource::read(config)?,
            revocations: RevocationView::new(Revocations::new(&table), REVOCATIONS_SECONDS),
            keys: SigningKeys::new(Keys::new(&table), vault, SigningAlgorithms::read(config)?),
        })
    }
}
