//! How this service talks to AWS: which region and credentials, how long it waits, how often it tries again.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// All tries of one call together. Well under the functions' own timeout, so that trouble ends in our 503 and not in
/// the gateway's.
const CALL: Duration = Duration::from_secs(3);
/// One try of a call.
const TRY: Duration = Duration::from_millis(1200);
/// Opening a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(1);

/// Region, credentials and endpoints from the standard environment variables, shared by all clients.
#[derive(Clone, Debug)]
pub struct Aws(pub(crate) SdkConfig);

impl From<SdkConfig> for Aws {
    /// A configuration made elsewhere, such as one for an engine in a test.
    fn from(config: SdkConfig) -> Self {
        Self(config)
    }
}

impl Aws {
    /// Reads the environment. Opens no connection yet.
    pub async fn from_environment() -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(TRY)
            .operation_timeout(CALL)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(4)
            .with_initial_backoff(Duration::from_millis(40))
            .with_max_backoff(Duration::from_millis(400));
        let config =
            aws_config::defaults(BehaviorVersion::v2026_01_12()).timeout_config(timeouts).retry_config(retries);
        Self(config.load().await)
    }
}
