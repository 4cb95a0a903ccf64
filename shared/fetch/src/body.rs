//! Bodies: of one type on the way out, so that a binary links one HTTP implementation whoever sends.

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Response;
use hyper::body::{Body as HttpBody, Bytes};
use hyper::header::CONTENT_LENGTH;

use crate::error::{BoxError, Error};

/// An answer's body, as it arrives.
pub use hyper::body::Incoming;

/// A request's body.
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// Any body as a [`Body`].
pub(crate) fn boxed<B>(body: B) -> Body
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    Body::new(body.map_err(Into::into))
}

/// No body.
pub(crate) fn empty() -> Body {
    boxed(Empty::new())
}

/// The whole body of an answer, unless it is larger than `most` bytes. One that says so is not read at all.
pub(crate) async fn read(response: Response<Incoming>, most: usize) -> Result<Bytes, Error> {
    let declared = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > most as u64) {
        return Err(Error::TooLarge(most));
    }
    match Limited::new(response.into_body(), most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Error::TooLarge(most)),
        Err(error) => Err(Error::Body(error)),
    }
}
