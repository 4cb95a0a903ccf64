//! oauth2: the endpoints are configured, tokens are opaque.

use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::http::Uri;
use oauth2::reqwest::Error;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointSet, HttpRequest, HttpResponse,
    IntrospectionUrl, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RevocationUrl, Scope,
    SyncHttpClient, TokenIntrospectionResponse, TokenResponse, TokenUrl,
};
use serde_json::{Value, json};

use crate::session::{App, CALLBACK, Failure, NOTES, READ, Session, refused, same};

type Client = BasicClient<EndpointSet, oauth2::EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

pub fn flow(session: &Session, name: &str) -> Result<(), Failure> {
    match name {
        "sign in" => sign_in(session, json!({}), AuthType::BasicAuth),
        "client_secret_post" => {
            sign_in(session, json!({"token_endpoint_auth_method": "client_secret_post"}), AuthType::RequestBody)
        }
        "a public client" => a_public_client(session),
        "refresh" => refresh(session),
        "client credentials" => client_credentials(session),
        "revocation" => revocation(session),
        "a wrong secret" => a_wrong_secret(session),
        "a code without its verifier" => a_code_without_its_verifier(session),
        _ => Err("no such flow".into()),
    }
}

fn client(session: &Session, app: App) -> Result<Client, Failure> {
    let at = |path: &str| format!("{}{path}", session.issuer);
    let client = BasicClient::new(ClientId::new(app.id))
        .set_auth_uri(AuthUrl::new(at("/authorize"))?)
        .set_token_uri(TokenUrl::new(at("/token"))?)
        .set_introspection_url(IntrospectionUrl::new(at("/introspect"))?)
        .set_revocation_url(RevocationUrl::new(at("/revoke").replacen("http:", "https:", 1))?)
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned())?);
    Ok(match app.secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret)),
        None => client,
    })
}

fn registered(session: &Session, metadata: Value) -> Result<Client, Failure> {
    client(session, session.register(metadata)?)
}

/// A code for the notes, and its verifier.
fn code(session: &Session, client: &Client) -> Result<(AuthorizationCode, PkceCodeVerifier), Failure> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let asked = client.authorize_url(CsrfToken::new_random).set_pkce_challenge(challenge);
    let (url, state) = asked.add_scope(Scope::new(READ.to_owned())).add_extra_param("resource", NOTES).url();
    let reply = session.browse(&url, "allow")?;
    same(reply.parameter("state"), state.secret().clone())?;
    Ok((AuthorizationCode::new(reply.parameter("code")), verifier))
}

fn tokens(session: &Session, client: &Client) -> Result<BasicTokenResponse, Failure> {
    let (code, verifier) = code(session, client)?;
    let tokens = client.exchange_code(code).set_pkce_verifier(verifier).request(&session.http)?;
    let scopes = tokens.scopes().into_iter().flatten().map(|scope| scope.as_str());
    same(scopes.collect::<Vec<_>>(), vec![READ])?;
    Ok(tokens)
}

fn sign_in(session: &Session, metadata: Value, by: AuthType) -> Result<(), Failure> {
    let client = registered(session, metadata)?.set_auth_type(by);
    let tokens = tokens(session, &client)?;
    let known = client.introspect(tokens.access_token()).request(&session.http)?;
    same((known.active(), known.sub()), (true, Some(session.alice.as_str())))?;
    same(known.aud().map(Vec::as_slice), Some([NOTES.to_owned()].as_slice()))
}

fn a_public_client(session: &Session) -> Result<(), Failure> {
    tokens(session, &registered(session, json!({"token_endpoint_auth_method": "none"}))?).map(drop)
}

fn refresh(session: &Session) -> Result<(), Failure> {
    let client = registered(session, json!({}))?;
    let first = tokens(session, &client)?;
    let old = first.refresh_token().ok_or("no refresh token")?;
    let second = client.exchange_refresh_token(old).request(&session.http)?;
    let new = second.refresh_token().ok_or("no refresh token")?;
    let third = client.exchange_refresh_token(new).request(&session.http)?;
    // Within its grace window a replaced token leads to the live one.
    let again = client.exchange_refresh_token(old).request(&session.http)?;
    same(again.refresh_token().map(RefreshToken::secret), third.refresh_token().map(RefreshToken::secret))
}

fn client_credentials(session: &Session) -> Result<(), Failure> {
    let metadata = json!({
        "grant_types": ["client_credentials"], "redirect_uris": [], "post_logout_redirect_uris": [], "scope": READ,
    });
    let client = registered(session, metadata)?;
    let asked = client.exchange_client_credentials().add_extra_param("resource", NOTES);
    let tokens = asked.add_scope(Scope::new(READ.to_owned())).request(&session.http)?;
    let known = client.introspect(tokens.access_token()).request(&session.http)?;
    same(known.sub(), Some(client.client_id().as_str()))
}

fn revocation(session: &Session) -> Result<(), Failure> {
    let client = registered(session, json!({}))?;
    let tokens = tokens(session, &client)?;
    let http = |request| plain(session, request);
    client.revoke_token(tokens.access_token().clone().into())?.request(&http)?;
    let known = client.introspect(tokens.access_token()).request(&session.http)?;
    same(known.active(), false)?;
    let refresh_token = tokens.refresh_token().ok_or("no refresh token")?;
    client.revoke_token(refresh_token.clone().into())?.request(&http)?;
    refused(client.exchange_refresh_token(refresh_token).request(&session.http), "invalid_grant")
}

/// The library revokes only over TLS, which loopback does not have. This sends the same request without TLS.
fn plain(session: &Session, request: HttpRequest) -> Result<HttpResponse, oauth2::HttpClientError<Error>> {
    let (mut parts, body) = request.into_parts();
    let uri = parts.uri.to_string().replacen("https:", "http:", 1);
    parts.uri = uri.parse::<Uri>().map_err(|_| oauth2::HttpClientError::Other(uri))?;
    session.http.call(HttpRequest::from_parts(parts, body))
}

fn a_wrong_secret(session: &Session) -> Result<(), Failure> {
    let app = session.register(json!({}))?;
    let client = client(session, App { secret: Some("a guess".to_owned()), ..app })?;
    let (code, verifier) = code(session, &client)?;
    refused(client.exchange_code(code).set_pkce_verifier(verifier).request(&session.http), "invalid_client")
}

fn a_code_without_its_verifier(session: &Session) -> Result<(), Failure> {
    let client = registered(session, json!({}))?;
    let (code, verifier) = code(session, &client)?;
    let (_, other) = PkceCodeChallenge::new_random_sha256();
    let asked = client.exchange_code(code.clone()).set_pkce_verifier(other);
    refused(asked.request(&session.http), "invalid_grant")?;
    refused(client.exchange_code(code.clone()).request(&session.http), "invalid_grant")?;
    client.exchange_code(code).set_pkce_verifier(verifier).request(&session.http)?;
    Ok(())
}
