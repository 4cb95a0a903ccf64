//! The HTTPS client of the SDK: translates its requests, responses and errors to those of `fetch`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use fetch::{Connections, Roots, Spoiler};
use oauth::Error;

/// Calls AWS for the SDK.
#[derive(Clone)]
struct Https(Arc<Connections>);

/// A client for the SDK that trusts `roots` and waits at most `patience` for a connection.
pub(crate) fn client(roots: Roots, patience: Duration) -> Result<SharedHttpClient, Error> {
    let connections = Connections::new(roots, patience).map_err(|error| Error::fault("TLS").because(error))?;
    let connector = SharedHttpConnector::new(Https(Arc::new(connections)));
    Ok(http_client_fn(move |_, _| connector.clone()))
}

impl HttpConnector for Https {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connections = self.0.clone();
        HttpConnectorFuture::new(async move { call(&connections, request).await })
    }
}

async fn call(connections: &Connections, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let capture = request.extensions().get::<CaptureSmithyConnection>().cloned();
    let show = |spoiler| {
        if let Some(capture) = &capture {
            lend(capture, spoiler);
        }
    };
    let response = connections.send(request, show).await.map_err(failure)?;
    HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

/// Lets the SDK close a connection that it does not want to reuse.
fn lend(capture: &CaptureSmithyConnection, spoiler: Spoiler) {
    let connection = ConnectionMetadata::builder().proxied(false).poison_fn(move || spoiler.spoil()).build();
    capture.set_connection_retriever(move || Some(connection.clone()));
}

/// The error in the SDK's terms, which decide whether it retries.
fn failure(error: fetch::Error) -> ConnectorError {
    match &error {
        fetch::Error::Url(_) => ConnectorError::user(error.into()),
        fetch::Error::Timeout(_) => ConnectorError::timeout(error.into()),
        fetch::Error::Http(http) if http.is_user() => ConnectorError::user(error.into()),
        fetch::Error::Http(http) if http.is_incomplete_message() => {
            ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
        }
        _ => ConnectorError::io(error.into()),
    }
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Https")
    }
}
