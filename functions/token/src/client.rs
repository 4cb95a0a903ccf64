//! Client authentication (RFC 6749 section 2.3, RFC 7523, OpenID Connect Core section 9). It comes before everything
//! else and accepts only the method that the client registered.

use std::sync::Arc;

use jwt::ClientKeys;
use oauth::{AuthMethod, Code, Error, Parameters};
use store::{Registered, SecretHash, SecretKind};
use web::Request;

use crate::app::App;

/// The only supported type of assertion (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The credentials in a request.
struct Credentials<'a> {
    client_id: String,
    proof: Proof<'a>,
}

enum Proof<'a> {
    Basic(String),
    Post(&'a str),
    Assertion(&'a str),
    Nothing,
}

impl Credentials<'_> {
    fn has_secret_of(&self, registered: &Registered) -> bool {
        match self.proof {
            Proof::Post(secret) => is_secret(registered, secret),
            Proof::Basic(ref secret) => is_secret(registered, secret),
            Proof::Assertion(_) | Proof::Nothing => false,
        }
    }
}

fn is_secret(registered: &Registered, secret: &str) -> bool {
    registered.has_secret(&SecretHash::of(SecretKind::ClientSecret, secret))
}

/// The authenticated client; a public client only needs to exist. Fails with `invalid_client`.
pub(crate) async fn authenticate(app: &App, request: &Request, form: &Parameters) -> Result<Arc<Registered>, Error> {
    let credentials = credentials(request, form)?;
    let known =
        app.clients.known(&credentials.client_id, request.now()).await?.ok_or_else(|| refuse("unknown client"))?;
    if verify(app, request, &credentials, &known).await? {
        return Ok(known);
    }
    // The secret or the keys may have changed since the client was cached.
    match app.clients.find(&credentials.client_id, request.now()).await?.map(Arc::new) {
        Some(fresh) if fresh != known && verify(app, request, &credentials, &fresh).await? => Ok(fresh),
        Some(fresh) if credentials.has_secret_of(&fresh) => Err(refuse_method(&fresh)),
        _ => Err(refuse("wrong credentials, or not the registered method")),
    }
}

/// The authenticated client, for endpoints that public clients may not use.
pub(crate) async fn authenticate_confidential(
    app: &App,
    request: &Request,
    form: &Parameters,
) -> Result<Arc<Registered>, Error> {
    let registered = authenticate(app, request, form).await?;
    if registered.client.is_public() { Err(refuse("a public client cannot authenticate")) } else { Ok(registered) }
}

fn refuse(detail: &'static str) -> Error {
    Error::new(Code::InvalidClient, detail)
}

/// The error for a client that sends the right secret by the wrong method, because libraries have different defaults.
/// Only a client with the secret gets it, so it reveals nothing to others.
fn refuse_method(registered: &Registered) -> Error {
    let way = match registered.client.token_endpoint_auth_method {
        AuthMethod::ClientSecretPost => "client_secret_post: send client_id and client_secret in the form",
        _ => "client_secret_basic: send id and secret in the Authorization header",
    };
    let told = format!("The secret is correct, but this client is registered for {way}.");
    Error::parameter("token_endpoint_auth_method", "other_method", told).with_code(Code::InvalidClient)
}

/// Reads the credentials of a request, which may contain only one kind (RFC 6749 section 2.3).
fn credentials<'a>(request: &Request, form: &'a Parameters) -> Result<Credentials<'a>, Error> {
    let (secret, assertion) = (form.optional("client_secret"), form.optional("client_assertion"));
    let (client_id, proof) = match (request.header("authorization"), secret, assertion) {
        (Some(header), None, None) => {
            let (client_id, secret) = basic(&header).ok_or_else(|| refuse("malformed Basic header"))?;
            // Some libraries send a public client's id with an empty secret, because they support no other way.
            let proof = if secret.is_empty() { Proof::Nothing } else { Proof::Basic(secret) };
            (client_id, proof)
        }
        (None, Some(secret), None) => (form.required("client_id")?.to_owned(), Proof::Post(secret)),
        (None, None, Some(assertion)) => (claimed(form, assertion)?, Proof::Assertion(assertion)),
        (None, None, None) => match form.optional("client_id") {
            Some(client_id) => (client_id.to_owned(), Proof::Nothing),
            None => return Err(refuse("no client_id")),
        },
        _ => return Err(Error::parameter("client_secret", "repeated", "Authenticate the client by one method.")),
    };
    if form.optional("client_id").is_none_or(|named| named == client_id) {
        Ok(Credentials { client_id, proof })
    } else {
        Err(refuse("two different client ids"))
    }
}

fn claimed(form: &Parameters, assertion: &str) -> Result<String, Error> {
    if form.optional("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(refuse("unsupported client_assertion_type"));
    }
    jwt::claimed_client(assertion).ok_or_else(|| refuse("malformed client assertion"))
}

/// The id and the secret in a Basic header, both form-encoded (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    let credentials = web::base64(credentials.trim()).filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let credentials = String::from_utf8(credentials).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    Some((web::form_decoded(id)?, web::form_decoded(secret)?))
}

async fn verify(
    app: &App,
    request: &Request,
    credentials: &Credentials<'_>,
    registered: &Registered,
) -> Result<bool, Error> {
    let method = registered.client.token_endpoint_auth_method;
    match &credentials.proof {
        Proof::Basic(secret) => Ok(method == AuthMethod::ClientSecretBasic && is_secret(registered, secret)),
        Proof::Post(secret) => Ok(method == AuthMethod::ClientSecretPost && is_secret(registered, secret)),
        Proof::Assertion(_) if method != AuthMethod::PrivateKeyJwt => Ok(false),
        Proof::Assertion(assertion) => verify_assertion(app, request, assertion, registered).await,
        Proof::Nothing => Ok(method == AuthMethod::None),
    }
}

/// Verifies an assertion. Each assertion is accepted once: a second use is a replay, whoever sends it.
async fn verify_assertion(
    app: &App,
    request: &Request,
    assertion: &str,
    registered: &Registered,
) -> Result<bool, Error> {
    let client = &registered.client;
    let keys = ClientKeys::from_json(client.jwks.as_deref().unwrap_or_default().as_bytes());
    let keys = keys.map_err(|error| refuse("the registered keys are unusable").because(error))?;
    // RFC 7523 allows the token endpoint as the audience. Newer standards require the issuer, but most libraries send
    // the endpoint.
    let audiences = [app.iss.clone(), format!("{}/token", app.iss), format!("{}{}", app.iss, request.path())];
    let verified = jwt::verify_assertion(assertion, &client.client_id, &keys, &audiences, request.now());
    let Ok(assertion) = verified else { return Ok(false) };
    if app.assertions.first_use(&client.client_id, &assertion.jti, assertion.end).await? {
        Ok(true)
    } else {
        Err(refuse("the assertion was used before"))
    }
}
