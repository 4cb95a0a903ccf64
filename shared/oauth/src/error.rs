//! The only error type, and the only table of error codes: the RFC's code, the HTTP status, and the public text.
//!
//! The public text is fixed per code, so that an error reveals nothing; the details of the case go to the log. Only
//! `web` turns an [`Error`] into HTTP. An error is a refusal or a fault: "not found" and "lost the race" are ordinary
//! return values.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// Declares [`Code`] and its table, one row per code.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $word:literal $text:literal)*) => {
        /// The kind of error, as a stable code that clients can rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The HTTP status of the code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The code in responses: the RFC's own where one defines it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The public text, for the developer of the client. It is always the same for a code.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// RFC 6749 section 5.2; with [`FieldProblem`]s where single fields are wrong.
    InvalidRequest = 400 "invalid_request" "The request is malformed."
    /// RFC 6749 section 5.2.
    InvalidScope = 400 "invalid_scope" "The requested scope is unknown, malformed or more than may be granted."
    /// RFC 6749 section 5.2: the client's credentials are wrong, or the client does not exist.
    InvalidClient = 401 "invalid_client" "The client is unknown or failed to authenticate."
    /// RFC 6749 section 5.2: wrong, expired, revoked, used or issued to another client. The response does not say
    /// which.
    InvalidGrant = 400 "invalid_grant" "The grant is invalid, expired or revoked. Sign in again."
    /// RFC 6749 sections 4.1.2.1 and 5.2: the client is registered, but not for this use.
    UnauthorizedClient = 400 "unauthorized_client" "The client is not registered for this grant or response type."
    /// RFC 6749 section 4.1.2.1.
    UnsupportedResponseType = 400 "unsupported_response_type" "Only response_type=code is supported."
    /// RFC 6749 section 4.1.2.1: the person or a policy declined.
    AccessDenied = 403 "access_denied" "The request was declined."
    /// RFC 8707 section 2.
    InvalidTarget = 400 "invalid_target" "The resource is unknown or was not granted."
    /// OpenID Connect Core section 3.1.2.6.
    LoginRequired = 400 "login_required" "No user is signed in, and the request does not allow a sign-in page."
    /// OpenID Connect Core section 3.1.2.6.
    ConsentRequired = 400 "consent_required" "The user has not given consent, and the request does not allow a consent page."
    /// OpenID Connect Core Error Code `unmet_authentication_requirements` 1.0; Core section 5.5.1.1.
    UnmetAuthenticationRequirements = 400 "unmet_authentication_requirements" "The user cannot reach the requested acr. The metadata document lists the supported ones."
    /// OpenID Connect Core section 6.1.
    RequestNotSupported = 400 "request_not_supported" "Request objects are not supported. Send parameters, or push them to the PAR endpoint."
    /// OpenID Connect Core section 6.2: a `request_uri` that the PAR endpoint did not issue.
    RequestUriNotSupported = 400 "request_uri_not_supported" "Only a request_uri from the PAR endpoint is supported."
    /// RFC 9101 section 7: unknown, used, expired or issued to another client.
    InvalidRequestUri = 400 "invalid_request_uri" "The request_uri is invalid, expired or already used. Push the request again."
    /// RFC 7591 section 3.2.2.
    InvalidRedirectUri = 400 "invalid_redirect_uri" "A redirect URI cannot be registered."
    /// RFC 7591 section 3.2.2.
    InvalidClientMetadata = 400 "invalid_client_metadata" "The client metadata is not valid."
    /// RFC 6749 section 5.2.
    UnsupportedGrantType = 400 "unsupported_grant_type" "This grant type is not supported. The metadata document lists the supported ones."
    /// RFC 6750 section 3.1.
    InvalidToken = 401 "invalid_token" "The access token is malformed or revoked, or was not issued for this service."
    /// RFC 6750 section 3.1, for an expired token. Its code in responses is also `invalid_token`.
    ExpiredToken = 401 "invalid_token" "The access token has expired. Use the refresh token to get a new one."
    /// RFC 6750 section 3.1.
    InsufficientScope = 403 "insufficient_scope" "The access token lacks a scope. The WWW-Authenticate header names it."
    /// RFC 9470 section 3: the token is valid, and its person has to authenticate again.
    InsufficientUserAuthentication = 401 "insufficient_user_authentication" "The user must authenticate again for this. The WWW-Authenticate header says what is required."
    /// Wrong password, unknown, disabled or unverified account. The response does not say which.
    InvalidCredentials = 401 "invalid_credentials" "The username or password is incorrect."
    /// The password is right, and the person has a second factor. The response has `mfa_token`, `methods` and `expires_in`.
    MfaRequired = 401 "mfa_required" "The password is correct, and this user has a second factor. Send mfa_token and a code to /login/mfa."
    /// An `mfa_token` that is unknown, used or expired, or whose password has changed. The response does not say which.
    InvalidMfaToken = 401 "invalid_mfa_token" "The mfa_token is invalid, expired or already used. Sign in again with the password."
    /// The code of a second factor is wrong or was used before. The response does not say which.
    WrongCode = 401 "wrong_code" "The code is wrong or was already used."
    /// The password is right, and the account is about to be deleted.
    DeletionPending = 403 "deletion_pending" "This account is about to be deleted. Sign in with keep_account to keep it."
    /// RFC 6750 section 3.1: a request without a token.
    MissingToken = 401 "missing_token" "This endpoint requires an access token in the Authorization header: Bearer <token>."
    /// A request that reached a protected function without passing the authorizer.
    Unauthorized = 401 "unauthorized" "This endpoint requires a valid access token."
    /// `Registration` is `closed`.
    RegistrationClosed = 403 "registration_closed" "New accounts cannot be created here at the moment."
    /// The code or link of a mail is wrong, expired, used or of another kind. The response does not say which.
    InvalidCode = 400 "invalid_code" "The code or link is wrong, has expired or was already used. Ask for a new one."
    /// `MailFrom` is empty, so nothing can be sent.
    MailOff = 403 "mail_off" "This service sends no mail. Ask the operator."
    /// An authorization request that has ended, has timed out, began in another browser or does not exist.
    StaleRequest = 400 "stale_request" "This sign-in has ended, took too long or was started in another browser. Start again from the app."
    /// A form that was not sent from our page in the same browser.
    ForeignForm = 403 "foreign_form" "This form was not sent from a page of this service in this browser."
    /// `ClientRegistration` is `off`.
    ClientRegistrationClosed = 403 "client_registration_closed" "Clients cannot register themselves here. Ask the operator."
    /// The path does not exist.
    NotFound = 404 "not_found" "There is nothing at this address."
    /// The path exists, but not for this method. The response has an `Allow` header.
    MethodNotAllowed = 405 "method_not_allowed" "This address does not support the method. The Allow header lists the supported ones."
    /// An authenticator app is confirmed already.
    FactorExists = 409 "factor_exists" "An authenticator app is set up already. Remove it first."
    /// Recovery codes without a second factor that they could stand in for.
    NoSecondFactor = 409 "no_second_factor" "The account has no second factor. Set one up first."
    /// Another person has the username.
    UsernameTaken = 409 "username_taken" "This username is taken. Choose another one."
    /// The body is over 64 KiB.
    PayloadTooLarge = 413 "payload_too_large" "The request body is larger than 64 KiB."
    /// The request did not come through the edge, where one is configured (RFC 9110 section 15.5.20).
    MisdirectedRequest = 421 "misdirected_request" "This is not the public address of the service. Use its issuer."
    /// The body does not have the media type that the endpoint requires.
    UnsupportedMediaType = 415 "unsupported_media_type" "The request body must be JSON with Content-Type: application/json."
    /// Too many attempts. The response has a `Retry-After` header.
    TooManyRequests = 429 "too_many_requests" "Too many attempts. Wait for as long as the Retry-After header says."
    /// An internal fault that a retry will not fix.
    ServerError = 500 "server_error" "Something went wrong on our side. Report the request id so that it can be found."
    /// A fault of the store, KMS or the network. The response has a `Retry-After` header.
    TemporarilyUnavailable = 503 "temporarily_unavailable" "The service is temporarily unavailable. Try again shortly."
}

/// One invalid field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name in the request.
    pub field: String,
    /// A stable code, such as `too_short`.
    pub code: &'static str,
    /// A sentence that says what to change.
    pub detail: Cow<'static, str>,
}

impl FieldProblem {
    /// Problems of one field, from pairs of a code and a sentence.
    pub fn of<P: Into<(&'static str, Cow<'static, str>)>>(
        field: &str,
        problems: impl IntoIterator<Item = P>,
    ) -> Vec<Self> {
        let problem = |problem: P| {
            let (code, detail) = problem.into();
            Self { field: field.to_owned(), code, detail }
        };
        problems.into_iter().map(problem).collect()
    }
}

/// Where a person who cannot continue finds the app that they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// What the app is called.
    pub name: String,
    /// Its https address.
    pub address: String,
}

/// What a token must have so that the request succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// A scope (RFC 6750 section 3).
    Scope(&'static str),
    /// An authentication of its person that is at most this many seconds old (RFC 9470 section 3).
    MaxAge(u32),
}

/// What few errors have, apart from the rest so that an error stays small.
#[derive(Clone, Default)]
struct More {
    needed: Option<Needed>,
    back: Option<WayBack>,
    members: Vec<(&'static str, Value)>,
}

/// A refusal or a fault that becomes an HTTP response. It can be cloned, for callers that wait for the same result.
#[derive(Clone)]
pub struct Error {
    code: Code,
    detail: Cow<'static, str>,
    fields: Vec<FieldProblem>,
    retry_after: Option<u32>,
    allow: Option<&'static str>,
    /// What few errors have.
    more: Option<Box<More>>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A refusal with a `detail` for the log. The detail never reaches the client and contains no secret.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            retry_after: None,
            allow: None,
            more: None,
            source: None,
        }
    }

    /// A fault of the store or the network, which the caller can retry: 503.
    pub fn unavailable(detail: impl Into<Cow<'static, str>>, source: impl StdError + Send + Sync + 'static) -> Self {
        Self { source: Some(Arc::new(source)), ..Self::passing(detail) }
    }

    /// A temporary failure of ours, which the caller can retry: 503.
    pub fn passing(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { retry_after: Some(1), ..Self::new(Code::TemporarilyUnavailable, detail) }
    }

    /// A fault in our own code, configuration or data: 500.
    pub fn fault(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::ServerError, detail)
    }

    /// A 400 that names every invalid field at once.
    pub fn fields(fields: Vec<FieldProblem>) -> Self {
        Self { fields, ..Self::new(Code::InvalidRequest, "invalid fields") }
    }

    /// A 400 that names one invalid parameter, in the same form as [`Error::fields`].
    pub fn parameter(field: &str, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::fields(vec![FieldProblem { field: field.to_owned(), code, detail: detail.into() }])
    }

    /// The same error under another code, such as the one that an RFC defines for this endpoint.
    #[must_use]
    pub fn with_code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// A 429 that says after how many seconds to retry.
    pub fn too_many(retry_after: u64, detail: impl Into<Cow<'static, str>>) -> Self {
        let retry_after = u32::try_from(retry_after).unwrap_or(u32::MAX);
        Self { retry_after: Some(retry_after), ..Self::new(Code::TooManyRequests, detail) }
    }

    /// A 405. `allow` is the value of the `Allow` header, such as `GET, POST`.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::new(Code::MethodNotAllowed, "method") }
    }

    /// A 403 that names the missing scope.
    pub fn insufficient_scope(scope: &'static str) -> Self {
        Self::new(Code::InsufficientScope, "scope").needing(Needed::Scope(scope))
    }

    /// A 401 that says how many seconds ago the person may have authenticated.
    pub fn stale_authentication(max_age: u32) -> Self {
        let detail = "the authentication is too old";
        Self::new(Code::InsufficientUserAuthentication, detail).needing(Needed::MaxAge(max_age))
    }

    fn needing(mut self, needed: Needed) -> Self {
        self.more.get_or_insert_default().needed = Some(needed);
        self
    }

    /// Adds the way back to the app, for a page that shows the error.
    #[must_use]
    pub fn leading_back(mut self, way: Option<WayBack>) -> Self {
        if way.is_some() {
            self.more.get_or_insert_default().back = way;
        }
        self
    }

    /// Adds a member to the problem document (RFC 9457 section 3.2). It is not logged, so it may be a secret for the caller.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.more.get_or_insert_default().members.push((name, value.into()));
        self
    }

    /// Adds the underlying error, for the log.
    #[must_use]
    pub fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The code of the error.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The invalid fields of a 400, if any.
    pub fn field_problems(&self) -> &[FieldProblem] {
        &self.fields
    }

    /// The text for the client's developer: the text of the code, or the invalid parameter and what to change. It uses
    /// only the characters that RFC 6749 allows in `error_description`.
    pub fn description(&self) -> Cow<'static, str> {
        let Some(problem) = self.fields.first() else { return Cow::Borrowed(self.code.text()) };
        let field = problem.field.chars().take(64).collect::<String>();
        let text = format!("{field}: {}", problem.detail);
        let allowed = |c: char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        Cow::Owned(text.chars().map(|c| if allowed(c) { c } else { '?' }).collect())
    }

    /// Seconds after which a retry makes sense.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after.map(u64::from)
    }

    /// The methods that the path supports, for a 405.
    pub fn allow(&self) -> Option<&'static str> {
        self.allow
    }

    /// What a token needs, for the challenge of a 401 or 403.
    pub fn needed(&self) -> Option<Needed> {
        self.more.as_ref().and_then(|more| more.needed)
    }

    /// The way back to the app, where that is known.
    pub fn back(&self) -> Option<&WayBack> {
        self.more.as_ref().and_then(|more| more.back.as_ref())
    }

    /// The additional members of the problem document.
    pub fn members(&self) -> &[(&'static str, Value)] {
        self.more.as_ref().map_or(&[], |more| &more.members)
    }

    /// The detail for the log.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// Without the additional members, which may be secret.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut error = f.debug_struct("Error");
        error.field("code", &self.code).field("detail", &self.detail).field("fields", &self.fields);
        error.field("retry_after", &self.retry_after).field("source", &self.source).finish_non_exhaustive()
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
    fn every_code_has_its_own_word_and_an_error_status() {
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
    fn a_fault_of_the_store_has_a_retry_after() {
        let error = Error::unavailable("store", std::io::Error::other("gone"));
        assert_eq!((error.code().status(), error.retry_after()), (503, Some(1)));
    }
}
