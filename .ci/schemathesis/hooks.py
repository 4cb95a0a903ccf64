"""What schemathesis loads: strings of the formats that docs/openapi.yaml names, and good credentials for good requests."""

import base64
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

import schemathesis
from hypothesis import strategies as st

from world import CALLBACK, CHALLENGE, PASSWORD, Person, World, unique

world = World(os.environ["GATEWRIGHT_URL"])

letters = st.characters(categories=["Ll"], max_codepoint=0x17F, exclude_characters="µĳŀŉſ")
words = st.lists(st.sampled_from("openid profile email offline_access".split()), unique=True, min_size=1)
lines = st.text(st.characters(categories=["Ll", "Lu", "Nd"], max_codepoint=0x7F), min_size=1, max_size=128)

FORMATS = {
    "username": st.builds(lambda tail: unique() + tail, st.text(letters, max_size=40)),
    "password": st.builds(lambda tail: "quay 7 " + unique() + tail, st.text(max_size=40)),
    "known-username": st.sampled_from(["alice", "ALICE", "nobody"]),
    "known-password": st.just(PASSWORD),
    "display-name": lines,
    "client-name": lines,
    "email": st.builds(lambda local: local + "@example.com", st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)),
    "scope": st.builds(" ".join, words),
    "first-party-scope": st.builds(" ".join, st.lists(st.sampled_from("account openid profile email".split()), unique=True)),
    "session-id": st.uuids().map(str),
    "client-id": st.uuids().map(str),
    "consented-client-id": st.uuids().map(str),
    "refresh-token": st.just("gwr_x") | st.text(min_size=1),
    "code": st.text(min_size=1, max_size=60),
    "any-token": st.text(min_size=1, max_size=60),
    "redirect-uri": st.just(CALLBACK),
    "page": st.just("https://app.example/about"),
    "auth-method": st.sampled_from("client_secret_basic client_secret_post none".split()),
    "grant-type": st.sampled_from("authorization_code refresh_token implicit".split()),
    "id-token-claims": st.sampled_from(["scopes", "minimal"]),
    "response-type": st.just("code"),
    "application-type": st.sampled_from(["web", "native"]),
    "signing-algorithm": st.sampled_from("RS256 ES256 EdDSA Ed25519".split()),
    "resource": st.just(world.url),
    "claims-request": st.just('{"userinfo":{"name":null}}'),
    "id-token": st.text(max_size=60),
    "at-most-2048-bytes": st.text(max_size=500),
    "jwks": st.just({"keys": []}),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)


def is_good(case):
    return case.meta is None or case.meta.generation.mode.is_positive


def authorize(case, value):
    case.headers = {**(case.headers or {}), "Authorization": value}


class As:
    """Who makes a request: `choose` gives the `Authorization`, anew for each."""

    def get(self, case, context):
        return self.choose(case)

    def set(self, case, value, context):
        authorize(case, value)


@schemathesis.auth(refresh_interval=None).apply_to(method="DELETE", path="/me")
class AsSomebodyWhoLeaves(As):
    """A good request deletes the account, so it is another one each time."""

    def choose(self, case):
        person = Person(world, unique()) if is_good(case) else world.alice
        return "Bearer " + person.tokens["access_token"]


@schemathesis.auth(refresh_interval=None).apply_to(
    path_regex="^/(me(?!/password|/sessions/)|userinfo|protected)"
).skip_for(method="DELETE", path="/me")
class AsAlice(As):
    """Or as somebody new, where a good request changes who may do what."""

    def choose(self, case):
        is_own = is_good(case) and case.operation.label in OWN
        person = OWN[case.operation.label](case) if is_own else world.alice
        return "Bearer " + person.tokens["access_token"]


def confirms_an_app(case):
    person = Person(world, unique())
    case.body = {"code": person.new_app()}
    return person


def has_a_code(case):
    person = Person(world, unique())
    case.body = {"code": person.add_app()}
    return person


def keeps_an_app(case):
    person = Person(world, unique())
    person.add_app()
    person.lose_app()
    return person


# Who sends a good request.
OWN = {
    "POST /me/totp/confirm": confirms_an_app,
    "POST /me/totp/keep": keeps_an_app,
    "DELETE /me/totp": has_a_code,
    "POST /me/recovery-codes": has_a_code,
}


@schemathesis.auth(refresh_interval=None).apply_to(path="/me/password")
class AsBob(As):
    def choose(self, case):
        return "Bearer " + world.bob.tokens["access_token"]


@schemathesis.auth(refresh_interval=None).apply_to(path="/me/sessions/{id}")
class AsDora(As):
    """Signed in anew each time: a session that is ended may be the one that asks."""

    def choose(self, case):
        return "Bearer " + world.dora.sign_in()["access_token"]


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/(token|par|revoke|introspect)$")
class AsApp(As):
    def choose(self, case):
        """None where the form names the first-party client, which has no secret."""
        if is_good(case) and is_refresh(case):
            return None
        return "Basic " + base64.b64encode(":".join(world.app_auth()).encode()).decode()


@schemathesis.auth(refresh_interval=None).apply_to(path="/clients/{id}")
class AsClient(As):
    """A good request is about the client whose token it has. A client that is removed is another each time."""

    def choose(self, case):
        goes = is_good(case) and case.operation.method == "delete" and len(world.others) > 1
        client = world.others.pop() if goes else world.others[0]
        if is_good(case):
            case.path_parameters["id"] = client["client_id"]
            if case.operation.method == "put":
                case.body["client_id"] = client["client_id"]
                case.body.pop("client_secret", None)
        return "Bearer " + client["registration_access_token"]


def is_refresh(case):
    return isinstance(case.body, dict) and case.body.get("grant_type") == "refresh_token"


@schemathesis.hook
def before_call(context, case, kwargs):
    """A request that is good by its schema gets what makes it good in the world, too."""
    if is_good(case) and case.operation.label in GOOD:
        GOOD[case.operation.label](case)


def form(case, **members):
    """The form of a client that proves itself by its secret."""
    proofs = ("client_id", "client_secret", "client_assertion", "client_assertion_type")
    case.body = {name: value for name, value in case.body.items() if name not in proofs} | members


def token(case):
    form(case)
    if is_refresh(case):
        form(case, client_id="first-party", refresh_token=world.carol.tokens["refresh_token"])
        case.body.pop("scope", None)


def push(case):
    form(case)
    if "scope" in case.body:
        case.body["scope"] = "openid email"
    if may_wait("push"):
        for name in ("prompt", "claims", "resource", "request_uri", "id_token_hint"):
            case.body.pop(name, None)
        form(case, response_type="code", redirect_uri=CALLBACK, code_challenge=CHALLENGE, code_challenge_method="S256")


def introspect(case):
    form(case, token=world.tokens["access_token"])


def in_the_header(case):
    """The token is there already, and not to come twice."""
    if isinstance(case.body, dict):
        case.body.pop("access_token", None)


def change_password(case):
    case.body["current_password"] = world.bob.password


def finish(case):
    person = Person(world, unique())
    code = person.add_app()
    case.body = {"mfa_token": person.half_way(), "method": "recovery_code", "code": code}


def leave(case):
    case.body["password"] = PASSWORD


# How many more requests become entirely good. Those that wait for a mail take a while, so few do.
waits = {"verify": 3, "reset": 3, "push": 2}


def verify(case):
    if may_wait("verify"):
        case.body = world.registered_by_email()[1]


def reset(case):
    if may_wait("reset"):
        case.body = world.forgotten_password() | {"password": "quay 7 " + unique()}


def may_wait(kind):
    waits[kind] -= 1
    return waits[kind] >= 0


def end_session(case):
    case.path_parameters["id"] = world.dora.another_session()


def forget_consent(case):
    world.code_flow(world.alice)
    case.path_parameters["client_id"] = world.app["client_id"]


GOOD = {
    "POST /token": token,
    "POST /par": push,
    "POST /revoke": form,
    "POST /introspect": introspect,
    "POST /me/password": change_password,
    "DELETE /me": leave,
    "POST /login/mfa": finish,
    "POST /email/verify": verify,
    "POST /password/reset": reset,
    "POST /userinfo": in_the_header,
    "DELETE /me/sessions/{id}": end_session,
    "DELETE /me/consents/{client_id}": forget_consent,
}


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.label == "POST /me/password" and response.status_code == 204:
        world.bob.password = case.body["password"]
