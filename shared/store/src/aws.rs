//! How this service talks to AWS: which region and credentials, how long it waits, how often it tries again.
//!
//! Lambda hands a function its region and credentials as environment variables that hold for the life of the process.
//! They are taken from there and from nowhere else: the SDK's chain of other sources (profiles, roles, metadata
//! services) would cost every cold start its code and its time, and could only ever find somebody else's identity.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{AsyncSleep, SharedAsyncSleep, SharedCredentialsProvider, Sleep};
use fetch::Roots;
use oauth::{Config, Error};

use crate::https;

/// All tries of one call together. Well under the functions' own timeout, so that trouble ends in our 503 and not in
/// the gateway's.
const CALL: Duration = Duration::from_secs(3);
/// One try of a call.
const TRY: Duration = Duration::from_millis(1200);
/// Opening a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(1);

/// Region, credentials, endpoints and patience, shared by all clients.
#[derive(Clone, Debug)]
pub struct Aws {
    pub(crate) config: SdkConfig,
    dynamodb: Option<String>,
    kms: Option<String>,
}

impl Aws {
    /// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and, where another engine
    /// stands in, `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL_KMS`. Opens no connection yet.
    pub fn open(config: &Config) -> Result<Self, Error> {
        Self::trusting(Roots::web(), config)
    }

    /// The same, where other authorities than the web's vouch for the servers.
    pub fn trusting(roots: Roots, config: &Config) -> Result<Self, Error> {
        let credentials = Credentials::new(
            config.required("AWS_ACCESS_KEY_ID")?,
            config.required("AWS_SECRET_ACCESS_KEY")?,
            config.optional("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(TRY).operation_timeout(CALL).build();
        let retries = RetryConfig::standard()
            .with_max_attempts(4)
            .with_initial_backoff(Duration::from_millis(40))
            .with_max_backoff(Duration::from_millis(400));
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(config.required("AWS_REGION")?.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .sleep_impl(SharedAsyncSleep::new(Timer))
            .http_client(https::client(roots, CONNECT)?)
            .timeout_config(timeouts)
            .retry_config(retries)
            .build();
        let endpoint = |name| config.optional(name).map(str::to_owned);
        Ok(Self { config: sdk, dynamodb: endpoint("AWS_ENDPOINT_URL_DYNAMODB"), kms: endpoint("AWS_ENDPOINT_URL_KMS") })
    }

    /// The same with another patience: this long for each try, and four times as long for all of one call.
    #[must_use]
    pub fn patient(self, time: Duration) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(time).operation_timeout(time * 4).build();
        Self { config: self.config.into_builder().timeout_config(timeouts).build(), ..self }
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.config);
        if self.dynamodb.is_some() {
            config.set_endpoint_url(self.dynamodb.clone());
        }
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    pub(crate) fn kms(&self) -> aws_sdk_kms::Client {
        let mut config = aws_sdk_kms::config::Builder::from(&self.config);
        if self.kms.is_some() {
            config.set_endpoint_url(self.kms.clone());
        }
        aws_sdk_kms::Client::from_conf(config.build())
    }
}

/// How the SDK waits between tries.
#[derive(Debug)]
struct Timer;

impl AsyncSleep for Timer {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}
