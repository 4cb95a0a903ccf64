//! The one error type, and the one table of error codes: the RFC's word, the HTTP status, the public sentence.
//!
//! The public text is fixed per code, so that an error is never an oracle; what went wrong in this very case goes to
//! the log. `web` alone turns an [`Error`] into HTTP. "Not found" and "lost the race" are values elsewhere; an error
//! is a refusal or a fault.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// Declares [`Code`] and its table, a row per code.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $word:literal $text:literal)*) => {
        /// What went wrong, as a stable word that clients may match on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The word on the wire: the RFC's own where an RFC has one.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The sentence a client may show to its developer. Always the same for a code.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// RFC 6749 section 5.2; with [`FieldProblem`]s where single fields are wrong.
    InvalidRequest = 400 "invalid_request" "The request is not of the form that this endpoint takes."
    /// RFC 6749 section 5.2.
    InvalidScope = 400 "invalid_scope" "The requested scope is unknown, malformed or more than may be granted."
    /// RFC 6749 section 5.2: the client's own credentials, or a client that does not exist.
    InvalidClient = 401 "invalid_client" "The client is unknown or has not proven who it is."
    /// RFC 6749 section 5.2: wrong, expired, revoked, used or somebody else's: nobody can tell which.
    InvalidGrant = 400 "invalid_grant" "The grant is not valid, or not valid any more; sign in again."
    /// RFC 6749 sections 4.1.2.1 and 5.2: registered, but not for this.
    UnauthorizedClient = 400 "unauthorized_client" "The client is not registered for this grant or response type."
    /// RFC 6749 section 4.1.2.1.
    UnsupportedResponseType = 400 "unsupported_response_type" "Only response_type=code is offered."
    /// RFC 6749 section 4.1.2.1: the person, or a rule, said no.
    AccessDenied = 403 "access_denied" "The request was declined."
    /// RFC 8707 section 2.
    InvalidTarget = 400 "invalid_target" "The resource is unknown, or was not part of the grant; name one that was."
    /// OpenID Connect Core section 3.1.2.6.
    LoginRequired = 400 "login_required" "Nobody is signed in, and the request does not allow to ask."
    /// OpenID Connect Core section 3.1.2.6.
    ConsentRequired = 400 "consent_required" "The person has not agreed yet, and the request does not allow to ask."
    /// OpenID Connect Core section 6.1.
    RequestNotSupported = 400 "request_not_supported" "Request objects are not taken; send parameters, or push them to the PAR endpoint."
    /// OpenID Connect Core section 6.2: one that does not come from the PAR endpoint.
    RequestUriNotSupported = 400 "request_uri_not_supported" "Request objects are not fetched; send parameters, or push them to the PAR endpoint."
    /// RFC 9101 section 7: unknown, used, expired or another client's.
    InvalidRequestUri = 400 "invalid_request_uri" "The request_uri is not valid, or not valid any more; push the request again."
    /// RFC 7591 section 3.2.2.
    InvalidRedirectUri = 400 "invalid_redirect_uri" "A redirect URI is not one that can be registered."
    /// RFC 7591 section 3.2.2.
    InvalidClientMetadata = 400 "invalid_client_metadata" "The client metadata is not valid."
    /// RFC 6749 section 5.2.
    UnsupportedGrantType = 400 "unsupported_grant_type" "This grant type is not offered; the metadata document lists those that are."
    /// RFC 6750 section 3.1.
    InvalidToken = 401 "invalid_token" "The access token is malformed, revoked, or was not made for this service."
    /// RFC 6750 section 3.1, for a token that was good once: its word on the wire is `invalid_token` too.
    ExpiredToken = 401 "invalid_token" "The access token has expired; get a new one with the refresh token."
    /// RFC 6750 section 3.1.
    InsufficientScope = 403 "insufficient_scope" "The access token does not allow this; ask for the scope that the WWW-Authenticate header names."
    /// Wrong password, unknown, disabled or unverified account: nobody can tell which.
    InvalidCredentials = 401 "invalid_credentials" "The username or the password is not right."
    /// RFC 6750 section 3.1: a request without any token.
    MissingToken = 401 "missing_token" "This endpoint needs an access token in the Authorization header: Bearer <token>."
    /// A protected function that was reached past its authorizer.
    Unauthorized = 401 "unauthorized" "This endpoint answers only requests that the gateway's authorizer has let through, with a token that still lives."
    /// `Registration` is `closed`.
    RegistrationClosed = 403 "registration_closed" "New accounts cannot be created here at the moment."
    /// An authorization request that has ended, timed out or began in another browser; or none at all.
    StaleRequest = 400 "stale_request" "This sign-in has ended, took too long, or began in another browser; start again from the app."
    /// A form that did not come from our own page in the same browser.
    ForeignForm = 403 "foreign_form" "This form was not sent from the page that this browser was shown."
    /// `ClientRegistration` is `off`.
    ClientRegistrationClosed = 403 "client_registration_closed" "Clients cannot register themselves here; ask the operator."
    /// The path is not one of ours.
    NotFound = 404 "not_found" "There is nothing at this address."
    /// The path is ours, the method is not; the answer carries `Allow`.
    MethodNotAllowed = 405 "method_not_allowed" "This address does not take that method; the Allow header lists those it takes."
    /// Somebody else has the username.
    UsernameTaken = 409 "username_taken" "This username is taken; choose another."
    /// The body is over 64 KiB.
    PayloadTooLarge = 413 "payload_too_large" "The request body is larger than 64 KiB."
    /// The body is not of the media type that the endpoint takes.
    UnsupportedMediaType = 415 "unsupported_media_type" "The request body must be JSON, sent with Content-Type: application/json."
    /// Too many attempts; the answer carries `Retry-After`.
    TooManyRequests = 429 "too_many_requests" "Too many attempts; wait as long as the Retry-After header says."
    /// A fault of ours that trying again will not mend.
    ServerError = 500 "server_error" "Something went wrong on our side. The request id helps us to find it."
    /// The store, KMS or the network is in trouble; the answer carries `Retry-After`.
    TemporarilyUnavailable = 503 "temporarily_unavailable" "The service cannot answer at the moment; nothing is wrong with the request, try again shortly."
}

/// One wrong member of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The member's name as the client sent it.
    pub field: String,
    /// A stable word, such as `too_short`.
    pub code: &'static str,
    /// A sentence that says what to do.
    pub detail: Cow<'static, str>,
}

/// A refusal or a fault, on its way to becoming an HTTP answer. A copy goes to each who waited for the same thing.
#[derive(Clone, Debug)]
pub struct Error {
    code: Code,
    detail: Cow<'static, str>,
    fields: Vec<FieldProblem>,
    retry_after: Option<u64>,
    allow: Option<&'static str>,
    scope: Option<&'static str>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A refusal with `detail` for the log. The detail never reaches the client and holds no secret.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            retry_after: None,
            allow: None,
            scope: None,
            source: None,
        }
    }

    /// A fault of the store or the network: 503, for the caller to try again.
    pub fn unavailable(detail: impl Into<Cow<'static, str>>, source: impl StdError + Send + Sync + 'static) -> Self {
        Self { source: Some(Arc::new(source)), ..Self::passing(detail) }
    }

    /// Trouble of ours that will have passed when the caller tries again: 503.
    pub fn passing(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { retry_after: Some(1), ..Self::new(Code::TemporarilyUnavailable, detail) }
    }

    /// A fault in our own logic, configuration or data: 500.
    pub fn fault(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::ServerError, detail)
    }

    /// A 400 that names every wrong field at once.
    pub fn fields(fields: Vec<FieldProblem>) -> Self {
        Self { fields, ..Self::new(Code::InvalidRequest, "wrong fields") }
    }

    /// A 400 that names the one wrong parameter, as [`Error::fields`] does.
    pub fn parameter(field: &str, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::fields(vec![FieldProblem { field: field.to_owned(), code, detail: detail.into() }])
    }

    /// The same error under another word of the table, such as the one that an RFC has for it at this endpoint.
    #[must_use]
    pub fn with_code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// A 429 that says when to come back, in seconds.
    pub fn too_many(retry_after: u64, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(Code::TooManyRequests, detail) }
    }

    /// A 405; `allow` is the value of the `Allow` header, such as `GET, POST`.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::new(Code::MethodNotAllowed, "method") }
    }

    /// A 403 that says which scope would do.
    pub fn insufficient_scope(scope: &'static str) -> Self {
        Self { scope: Some(scope), ..Self::new(Code::InsufficientScope, "scope") }
    }

    /// Adds what went wrong underneath, for the log.
    #[must_use]
    pub fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The row of the table.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The wrong fields, for a 400 that has any.
    pub fn field_problems(&self) -> &[FieldProblem] {
        &self.fields
    }

    /// What a client's developer may read: the code's sentence, or which parameter is wrong and what to do. In the
    /// characters that RFC 6749 allows an `error_description`.
    pub fn description(&self) -> Cow<'static, str> {
        let Some(problem) = self.fields.first() else { return Cow::Borrowed(self.code.text()) };
        let field = problem.field.chars().take(64).collect::<String>();
        let text = format!("{field}: {}", problem.detail);
        let allowed = |c: char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        Cow::Owned(text.chars().map(|c| if allowed(c) { c } else { '?' }).collect())
    }

    /// Seconds after which a new try makes sense.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The methods that the path takes, for a 405.
    pub fn allow(&self) -> Option<&'static str> {
        self.allow
    }

    /// The scope that a token would need, for a 403.
    pub fn scope(&self) -> Option<&'static str> {
        self.scope
    }

    /// What the log is told.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.word(), self.detail)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_word_of_its_own_and_a_status_that_is_an_error() {
        let words: HashSet<_> = Code::ALL.iter().map(|code| code.word()).collect();
        assert_eq!(words.len(), Code::ALL.len() - 1, "only an expired token shares the word of an invalid one");
        assert!(Code::ALL.iter().all(|code| (400..=599).contains(&code.status())));
    }

    #[test]
    fn public_sentences_end_and_are_plain_ascii() {
        for code in Code::ALL {
            assert!(code.text().ends_with('.') && code.text().is_ascii(), "{code:?}");
        }
    }

    #[test]
    fn a_fault_of_the_store_asks_to_come_back() {
        let error = Error::unavailable("store", std::io::Error::other("gone"));
        assert_eq!((error.code().status(), error.retry_after()), (503, Some(1)));
    }
}
