//! Who the client is (RFC 6749 section 2.3, RFC 7523, OpenID Connect Core section 9): proven once, before anything else
//! is looked at, by the one method that it is registered for.

use std::sync::Arc;

use jwt::ClientKeys;
use oauth::{AuthMethod, Code, Error, Parameters};
use store::{Registered, SecretHash, SecretKind};
use web::Request;

use crate::app::App;

/// The one kind of assertion that is taken (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a request offers as proof of who sends it.
struct Offer<'a> {
    client_id: String,
    proof: Proof<'a>,
}

enum Proof<'a> {
    Basic(String),
    Post(&'a str),
    Assertion(&'a str),
    Nothing,
}

impl Offer<'_> {
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

/// The client that has proven who it is, as far as clients of its kind can; else `invalid_client`.
pub(crate) async fn authenticate(app: &App, request: &Request, form: &Parameters) -> Result<Arc<Registered>, Error> {
    let offer = offer(request, form)?;
    let known = app.clients.known(&offer.client_id, request.now()).await?.ok_or_else(|| refuse("unknown client"))?;
    if prove(app, request, &offer, &known).await? {
        return Ok(known);
    }
    // The client may have been given a new secret or new keys since it was read.
    match app.clients.find(&offer.client_id, request.now()).await?.map(Arc::new) {
        Some(fresh) if fresh != known && prove(app, request, &offer, &fresh).await? => Ok(fresh),
        Some(fresh) if offer.has_secret_of(&fresh) => Err(refuse_method(&fresh)),
        _ => Err(refuse("the proof does not fit, or is not of the registered method")),
    }
}

/// The client, if it can prove who it is at all: for endpoints that public clients have no business at.
pub(crate) async fn authenticate_confidential(
    app: &App,
    request: &Request,
    form: &Parameters,
) -> Result<Arc<Registered>, Error> {
    let registered = authenticate(app, request, form).await?;
    if registered.client.is_public() { Err(refuse("a public client proves nothing")) } else { Ok(registered) }
}

fn refuse(detail: &'static str) -> Error {
    Error::new(Code::InvalidClient, detail)
}

/// For who has the right secret and sends it the wrong way: libraries have defaults of their own. Nobody else gets this
/// answer, so it tells strangers nothing of a client or a secret.
fn refuse_method(registered: &Registered) -> Error {
    let way = match registered.client.token_endpoint_auth_method {
        AuthMethod::ClientSecretPost => "client_secret_post: send client_id and client_secret in the form",
        _ => "client_secret_basic: send id and secret in the Authorization header",
    };
    let told = format!("The secret is right, but this client is registered for {way}.");
    Error::parameter("token_endpoint_auth_method", "other_method", told).with_code(Code::InvalidClient)
}

/// Reads the one proof that a request may offer (RFC 6749 section 2.3: not more than one).
fn offer<'a>(request: &Request, form: &'a Parameters) -> Result<Offer<'a>, Error> {
    let (secret, assertion) = (form.optional("client_secret"), form.optional("client_assertion"));
    let (client_id, proof) = match (request.header("authorization"), secret, assertion) {
        (Some(header), None, None) => {
            let (client_id, secret) = basic(&header).ok_or_else(|| refuse("not a Basic header"))?;
            // Libraries that know no other way send a public client's id with an empty secret.
            let proof = if secret.is_empty() { Proof::Nothing } else { Proof::Basic(secret) };
            (client_id, proof)
        }
        (None, Some(secret), None) => (form.required("client_id")?.to_owned(), Proof::Post(secret)),
        (None, None, Some(assertion)) => (claimed(form, assertion)?, Proof::Assertion(assertion)),
        (None, None, None) => match form.optional("client_id") {
            Some(client_id) => (client_id.to_owned(), Proof::Nothing),
            None => return Err(refuse("no client_id")),
        },
        _ => return Err(Error::parameter("client_secret", "repeated", "Prove who the client is by one method.")),
    };
    if form.optional("client_id").is_none_or(|named| named == client_id) {
        Ok(Offer { client_id, proof })
    } else {
        Err(refuse("two client ids"))
    }
}

fn claimed(form: &Parameters, assertion: &str) -> Result<String, Error> {
    if form.optional("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(refuse("another client_assertion_type"));
    }
    jwt::claimed_client(assertion).ok_or_else(|| refuse("not a client assertion"))
}

/// Id and secret of a Basic header, each of them form-encoded inside (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    let credentials = web::base64(credentials.trim()).filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let credentials = String::from_utf8(credentials).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    Some((web::form_decoded(id)?, web::form_decoded(secret)?))
}

async fn prove(app: &App, request: &Request, offer: &Offer<'_>, registered: &Registered) -> Result<bool, Error> {
    let method = registered.client.token_endpoint_auth_method;
    match &offer.proof {
        Proof::Basic(secret) => Ok(method == AuthMethod::ClientSecretBasic && is_secret(registered, secret)),
        Proof::Post(secret) => Ok(method == AuthMethod::ClientSecretPost && is_secret(registered, secret)),
        Proof::Assertion(_) if method != AuthMethod::PrivateKeyJwt => Ok(false),
        Proof::Assertion(assertion) => prove_by_assertion(app, request, assertion, registered).await,
        Proof::Nothing => Ok(method == AuthMethod::None),
    }
}

/// An assertion is taken once: the second use of it is a replay, whoever it comes from.
async fn prove_by_assertion(
    app: &App,
    request: &Request,
    assertion: &str,
    registered: &Registered,
) -> Result<bool, Error> {
    let client = &registered.client;
    let keys = ClientKeys::from_json(client.jwks.as_deref().unwrap_or_default().as_bytes());
    let keys = keys.map_err(|error| refuse("the registered keys cannot be used").because(error))?;
    // RFC 7523 lets the audience be the token endpoint; newer texts want the issuer alone, most libraries send that.
    let audiences = [app.iss.clone(), format!("{}/token", app.iss), format!("{}{}", app.iss, request.path())];
    let verified = jwt::verify_assertion(assertion, &client.client_id, &keys, &audiences, request.now());
    let Ok(assertion) = verified else { return Ok(false) };
    if app.assertions.first_use(&client.client_id, &assertion.jti, assertion.end).await? {
        Ok(true)
    } else {
        Err(refuse("an assertion that was used before"))
    }
}
