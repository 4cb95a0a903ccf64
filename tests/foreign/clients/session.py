"""A client's end of the line to `stage.rs`, which runs the service and plays the person."""

import json
import sys
import traceback

# An app that exists only as addresses: nobody listens there, the browser stops when it is sent there.
CALLBACK = "https://app.example/callback"
BYE = "https://app.example/bye"
# A resource of the service, and a scope of it.
NOTES = {"resource": "https://notes.example/api", "scope": "notes:read"}
# Everything that a person is asked for.
SCOPE = "openid profile email offline_access"


def ask(**question):
    print(json.dumps(question), flush=True)
    return json.loads(sys.stdin.readline())


def start(**wanted):
    """The running service: issuer, algorithm, alice, flows. `wanted` may hold parameters and the content of a seed file."""
    return ask(ask="service", **wanted)


def register(**metadata):
    """Has an operator create an app with this metadata besides what every app here has."""
    usual = {
        "client_name": "App",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [BYE],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": f"{SCOPE} {NOTES['scope']}",
    }
    client = ask(ask="operator", order={"action": "create_client", "client": usual | metadata})
    assert "client_id" in client, client
    return client


def browse(url, **how):
    """Sends alice to an address, in a new browser unless one is named: where she ends up.

    With `app`, a URL of an app that answers, that may be a page of it.
    """
    return ask(ask="browse", url=url, **how)


def run(wanted, flows):
    """Does the wanted ones of these flows, and tells of each how it went."""
    verdicts = {name: verdict(flows[name]) for name in wanted}
    print(json.dumps({"ask": "report", "verdicts": verdicts}), flush=True)


def verdict(flow):
    try:
        flow()
    except Exception:  # whatever a library throws is told
        return traceback.format_exc()
    return "ok"
