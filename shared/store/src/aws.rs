//! Access to AWS: region, credentials, timeouts and retries.
//!
//! Lambda provides region and credentials in environment variables that are valid for the life of the process. No other
//! source is used: the SDK's chain of sources (profiles, roles, metadata services) would slow every cold start and
//! could only find the credentials of somebody else.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{AsyncSleep, SharedAsyncSleep, SharedCredentialsProvider, Sleep};
use fetch::Roots;
use oauth::{Config, Error};

use crate::https;

/// The time limit of one call with all its attempts. It is well below the functions' own timeout, so that a failure
/// ends in our 503 and not in an error of the gateway.
const CALL: Duration = Duration::from_secs(3);
/// The time limit of one attempt.
const TRY: Duration = Duration::from_millis(1200);
/// The time limit for opening a connection, including TLS.
const CONNECT: Duration = Duration::from_secs(1);

/// Region, credentials, endpoints and timeouts, shared by all clients.
#[derive(Clone, Debug)]
pub struct Aws {
    pub(crate) config: SdkConfig,
    dynamodb: Option<String>,
    kms: Option<String>,
}

impl Aws {
    /// Reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and for other engines
    /// `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL_KMS`. Opens no connection.
    pub fn open(config: &Config) -> Result<Self, Error> {
        Self::trusting(Roots::web(), config)
    }

    /// The same with other certificate authorities than those of the web.
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

    /// The same with other time limits: `time` for each attempt, and four times as much for a whole call.
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

/// The timer that the SDK uses between attempts.
#[derive(Debug)]
struct Timer;

impl AsyncSleep for Timer {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}
