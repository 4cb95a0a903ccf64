//! openidconnect: discovery, sign-in with all supported checks, userinfo, registration, logout.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientRegistrationRequest, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::registration::EmptyAdditionalClientMetadata;
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, Scope, SubjectIdentifier, TokenResponse,
};
use serde_json::{Value, json};

use crate::session::{App, BYE, CALLBACK, Failure, Session, refused, same};

/// A client with the endpoints that discovery found.
type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

pub fn flow(session: &Session, name: &str) -> Result<(), Failure> {
    match name {
        "sign in" => sign_in(session),
        "client_secret_post" => client_secret_post(session),
        "a public client" => a_public_client(session),
        "refresh" => refresh(session),
        "logout" => logout(session),
        "registration" => registration(session),
        "a wrong secret" => a_wrong_secret(session),
        "a person who says no" => says_no(session),
        _ => Err("no such flow".into()),
    }
}

fn discover(session: &Session) -> Result<ProviderMetadataWithLogout, Failure> {
    Ok(ProviderMetadataWithLogout::discover(&IssuerUrl::new(session.issuer.clone())?, &session.http)?)
}

fn client(session: &Session, app: App) -> Result<Client, Failure> {
    let (id, secret) = (ClientId::new(app.id), app.secret.map(ClientSecret::new));
    let client = CoreClient::from_provider_metadata(discover(session)?, id, secret);
    Ok(client.set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned())?))
}

/// A client with the library's defaults, for an app with this metadata.
fn registered(session: &Session, metadata: Value) -> Result<Client, Failure> {
    client(session, session.register(metadata)?)
}

/// A complete sign-in: the tokens, with a verified ID token.
fn tokens(session: &Session, client: &Client) -> Result<CoreTokenResponse, Failure> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let asked = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
    let scopes = ["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned()));
    let (url, state, nonce) = asked.add_scopes(scopes).set_pkce_challenge(challenge).url();
    let reply = session.browse(&url, "allow")?;
    same((reply.parameter("state"), reply.parameter("iss")), (state.secret().clone(), session.issuer.clone()))?;
    let code = AuthorizationCode::new(reply.parameter("code"));
    let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request(&session.http)?;
    let id_token = tokens.id_token().ok_or("no ID token")?;
    let by = client.id_token_verifier();
    let claims = id_token.claims(&by, &nonce)?;
    let hash = AccessTokenHash::from_token(tokens.access_token(), id_token.signing_alg()?, id_token.signing_key(&by)?)?;
    same(claims.access_token_hash(), Some(&hash))?;
    same(claims.subject().as_str(), session.alice.as_str())?;
    same(serde_json::to_value(id_token.signing_alg()?)?, json!(session.algorithm))?;
    Ok(tokens)
}

fn sign_in(session: &Session) -> Result<(), Failure> {
    let client = registered(session, json!({}))?;
    let tokens = tokens(session, &client)?;
    let alice = SubjectIdentifier::new(session.alice.clone());
    let asked = client.user_info(tokens.access_token().clone(), Some(alice))?;
    let person: CoreUserInfoClaims = asked.request(&session.http)?;
    let name = person.name().and_then(|name| name.get(None)).map(|name| name.as_str());
    same(name, Some("Alice Liddell"))?;
    same(person.email().map(|email| email.as_str()), None)
}

fn client_secret_post(session: &Session) -> Result<(), Failure> {
    let client = registered(session, json!({"token_endpoint_auth_method": "client_secret_post"}))?;
    tokens(session, &client.set_auth_type(AuthType::RequestBody)).map(drop)
}

fn a_public_client(session: &Session) -> Result<(), Failure> {
    tokens(session, &registered(session, json!({"token_endpoint_auth_method": "none"}))?).map(drop)
}

fn refresh(session: &Session) -> Result<(), Failure> {
    let client = registered(session, json!({}))?;
    let first = tokens(session, &client)?;
    let old = first.refresh_token().ok_or("no refresh token")?;
    let second: CoreTokenResponse = client.exchange_refresh_token(old)?.request(&session.http)?;
    // OpenID Connect Core section 12.2: the nonce may be absent, so none is compared.
    let id_token = second.id_token().ok_or("no ID token")?;
    let claims = id_token.claims(&client.id_token_verifier(), |_: Option<&Nonce>| Ok(()))?;
    same(claims.subject().as_str(), session.alice.as_str())?;
    if second.refresh_token().is_some_and(|new| new.secret() != old.secret()) { Ok(()) } else { Err("the refresh token did not change".into()) }
}

fn logout(session: &Session) -> Result<(), Failure> {
    let tokens = tokens(session, &registered(session, json!({}))?)?;
    let endpoint = discover(session)?.additional_metadata().end_session_endpoint.clone().ok_or("no endpoint")?;
    let url = LogoutRequest::from(endpoint)
        .set_id_token_hint(tokens.id_token().ok_or("no ID token")?)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(BYE.to_owned())?)
        .set_state(CsrfToken::new("bye".to_owned()))
        .http_get_url();
    let reply = session.browse(&url, "allow")?;
    same((reply.address(), reply.parameter("state").as_str()), (BYE, "bye"))
}

fn registration(session: &Session) -> Result<(), Failure> {
    let metadata = discover(session)?;
    let endpoint = metadata.registration_endpoint().ok_or("no endpoint")?;
    let callback = vec![RedirectUrl::new(CALLBACK.to_owned())?];
    let request = CoreClientRegistrationRequest::new(callback, EmptyAdditionalClientMetadata::default());
    let response = request.register(endpoint, &session.http)?;
    let secret = response.client_secret().map(|secret| secret.secret().clone());
    tokens(session, &client(session, App { id: response.client_id().to_string(), secret })?).map(drop)?;
    let wrong = vec![RedirectUrl::new(format!("{CALLBACK}#fragment"))?];
    let request = CoreClientRegistrationRequest::new(wrong, EmptyAdditionalClientMetadata::default());
    refused(request.register(endpoint, &session.http), "invalid_redirect_uri")
}

fn a_wrong_secret(session: &Session) -> Result<(), Failure> {
    let app = session.register(json!({}))?;
    let client = client(session, App { secret: Some("a guess".to_owned()), ..app })?;
    refused(tokens(session, &client), "invalid_client")
}

fn says_no(session: &Session) -> Result<(), Failure> {
    let client = registered(session, json!({}))?;
    let (challenge, _) = PkceCodeChallenge::new_random_sha256();
    let asked = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
    let (url, state, _) = asked.set_pkce_challenge(challenge).url();
    let reply = session.browse(&url, "deny")?;
    same((reply.parameter("error").as_str(), reply.parameter("state")), ("access_denied", state.secret().clone()))
}
