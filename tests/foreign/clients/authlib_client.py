"""Authlib, as its documentation shows it: a Flask app that signs people in, and a session for everything else."""

from authlib.common.security import generate_token
from authlib.integrations.flask_client import OAuth, OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask, url_for
from joserfc.jwk import RSAKey

from session import BYE, CALLBACK, NOTES, SCOPE, browse, register, run, start

service = start()
issuer, alice = service["issuer"], service["alice"]
metadata_url = f"{issuer}/.well-known/openid-configuration"


def app(registered, **more):
    """A web app: `/login` sends people to the service, and they come back to `/callback`."""
    flask = Flask("app")
    flask.secret_key = generate_token(32)
    oauth = OAuth(flask)
    oauth.register(
        "gatewright",
        client_id=registered["client_id"],
        client_secret=registered.get("client_secret"),
        server_metadata_url=metadata_url,
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", **more},
    )

    @flask.get("/login")
    def login():
        return oauth.gatewright.authorize_redirect(url_for("callback", _external=True))

    @flask.get("/callback")
    def callback():
        token = oauth.gatewright.authorize_access_token()
        return {"token": token, "told": token["userinfo"], "userinfo": oauth.gatewright.userinfo()}

    @flask.get("/logout/<hint>")
    def logout(hint):
        return oauth.gatewright.logout_redirect(url_for("bye", _external=True), hint)

    @flask.get("/bye")
    def bye():
        return oauth.gatewright.validate_logout_response()

    @flask.errorhandler(OAuthError)
    def failed(error):
        return {"error": error.error}, 400

    return flask.test_client()


def visit(user, path):
    return user.get(path, base_url="https://app.example")


def sign_in(registered, how=None, **more):
    """Has alice sign in to a web app: the app's page after that, and her browser at the app."""
    user = app(registered, **more)
    arrival = browse(visit(user, "/login").location, **(how or {}))
    return visit(user, arrival["url"].removeprefix("https://app.example")).json, user


def session(registered, **more):
    """A session, as scripts have it."""
    return OAuth2Session(registered["client_id"], registered.get("client_secret"), **more)


def tokens_of(client, **more):
    """Has alice sign in to a script."""
    verifier = generate_token(48)
    url, state = client.create_authorization_url(f"{issuer}/authorize", code_verifier=verifier, **more)
    client.state = state
    arrival = browse(url)
    return client.fetch_token(f"{issuer}/token", authorization_response=arrival["url"], code_verifier=verifier)


def script(registered, **more):
    return session(registered, scope=SCOPE, redirect_uri=CALLBACK, code_challenge_method="S256", **more)


def refused(do, error):
    try:
        done = do()
    except OAuthError as thrown:
        assert thrown.error == error, thrown
    else:
        raise AssertionError(f"it took {done}")


def signs_in():
    page, user = sign_in(register())
    assert page["told"]["sub"] == page["userinfo"]["sub"] == alice, page
    assert page["userinfo"]["name"] == "Alice Liddell", page
    away = browse(visit(user, f"/logout/{page['token']['id_token']}").location)
    assert away["url"].startswith(f"{BYE}?"), away
    back = visit(user, away["url"].removeprefix("https://app.example"))
    assert back.json == {"post_logout_redirect_uri": BYE}, back.json


def client_secret_post():
    registered = register(token_endpoint_auth_method="client_secret_post")
    page, _ = sign_in(registered, token_endpoint_auth_method="client_secret_post")
    assert page["told"]["sub"] == alice, page


def private_key_jwt():
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = RSAKey.import_key(pem).as_dict(private=False) | {"kid": "one", "alg": "RS256", "use": "sig"}
    registered = register(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [public]})
    registered["client_secret"] = pem
    client = script(registered, token_endpoint_auth_method="private_key_jwt")
    client.register_client_auth_method(PrivateKeyJWT(f"{issuer}/token"))
    token = tokens_of(client)
    answer = client.introspect_token(f"{issuer}/introspect", token=token["access_token"])
    assert answer.json()["active"], answer.text


def a_public_client():
    registered = register(token_endpoint_auth_method="none")
    page, _ = sign_in(registered, token_endpoint_auth_method="none")
    assert page["told"]["sub"] == alice, page
    tokens_of(script(registered))


def resources():
    client = script(register())
    client.scope = f"{SCOPE} {NOTES['scope']}"
    token = tokens_of(client, resource=NOTES["resource"])
    known = client.introspect_token(f"{issuer}/introspect", token=token["access_token"]).json()
    assert (known["aud"], known["scope"]) == (NOTES["resource"], NOTES["scope"]), known


def refresh():
    client = script(register())
    first = tokens_of(client)["refresh_token"]
    second = client.refresh_token(f"{issuer}/token")["refresh_token"]
    third = client.refresh_token(f"{issuer}/token")["refresh_token"]
    assert len({first, second, third}) == 3
    # A session that knows the token endpoint renews by itself what has expired.
    client.metadata["token_endpoint"] = f"{issuer}/token"
    client.token = {**client.token, "expires_at": 1}
    answer = client.get(f"{issuer}/userinfo")
    assert answer.json()["sub"] == alice, answer.text
    # Within its grace window a replaced token leads to the live one.
    live = client.token["refresh_token"]
    assert client.refresh_token(f"{issuer}/token", third)["refresh_token"] == live


def client_credentials():
    scope = {"scope": NOTES["scope"]}
    registered = register(grant_types=["client_credentials"], redirect_uris=[], post_logout_redirect_uris=[], **scope)
    client = session(registered, **scope)
    token = client.fetch_token(f"{issuer}/token", grant_type="client_credentials", resource=NOTES["resource"])
    known = client.introspect_token(f"{issuer}/introspect", token=token["access_token"]).json()
    assert (known["sub"], known["aud"]) == (registered["client_id"], NOTES["resource"]), known


def revocation():
    client = script(register())
    token = tokens_of(client)
    for kind in ("access_token", "refresh_token"):
        answer = client.revoke_token(f"{issuer}/revoke", token=token[kind], token_type_hint=kind)
        assert answer.status_code == 200, answer.text
        known = client.introspect_token(f"{issuer}/introspect", token=token[kind], token_type_hint=kind)
        assert known.json() == {"active": False}, known.text
    refused(lambda: client.refresh_token(f"{issuer}/token"), "invalid_grant")


def a_wrong_secret():
    registered = {**register(), "client_secret": "a guess"}
    page, _ = sign_in(registered)
    assert page == {"error": "invalid_client"}, page
    registered = {**register(token_endpoint_auth_method="client_secret_post"), "client_secret": "a guess"}
    client = script(registered, token_endpoint_auth_method="client_secret_post")
    refused(lambda: tokens_of(client), "invalid_client")


def says_no():
    page, _ = sign_in(register(), {"decision": "deny"})
    assert page == {"error": "access_denied"}, page


run(
    service["flows"],
    {
        "sign in": signs_in,
        "client_secret_post": client_secret_post,
        "private_key_jwt": private_key_jwt,
        "a public client": a_public_client,
        "resources": resources,
        "refresh": refresh,
        "client credentials": client_credentials,
        "revocation": revocation,
        "a wrong secret": a_wrong_secret,
        "a person who says no": says_no,
    },
)
