"""People, clients and tokens for the run: what a valid request needs and no schema can express."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

PASSWORD = "a lantern on the north pier"
CALLBACK = "https://app.example/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def patient():
    """A browser or a client that tries again when asked to."""
    session = requests.Session()
    retry = Retry(total=8, status_forcelist=[503], allowed_methods=None, raise_on_status=False)
    session.mount("http://", HTTPAdapter(max_retries=retry))
    return session


class World:
    """One running service and who lives in it."""

    def __init__(self, url):
        self.url = url
        self.alice = Person(self, "alice")
        self.bob = Person(self, "bob")
        self.carol = Person(self, "carol")
        self.dora = Person(self, "dora")
        self.app = self.register_client()
        self.others = [self.register_client() for _ in range(6)]
        self.tokens = self.code_flow(self.alice)

    def post(self, path, body, **more):
        answer = patient().post(self.url + path, json=body, timeout=30, **more)
        assert answer.ok, (path, answer.status_code, answer.text)
        return answer.json()

    def register_client(self):
        wanted = {"redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"]}
        return self.post("/clients", wanted)

    def code_flow(self, person):
        """Lets the app in as `person`, by the pages, and exchanges the code."""
        browser = patient()
        wanted = {
            "response_type": "code", "client_id": self.app["client_id"], "redirect_uri": CALLBACK, "state": "s",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256", "scope": "openid profile email offline_access",
        }
        answer = browser.get(self.url + "/authorize", params=wanted, allow_redirects=False, timeout=30)
        while not answer.headers["location"].startswith(CALLBACK):
            address = self.url + answer.headers["location"].removeprefix(self.url)
            answer = browser.get(address, allow_redirects=False, timeout=30)
            if answer.status_code == 200:
                answer = self.fill(browser, address, answer.text, person)
        code = re.search(r"[?&]code=([^&]+)", answer.headers["location"])[1]
        grant = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK}
        answer = patient().post(self.url + "/token", data=grant, auth=self.app_auth(), timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fill(self, browser, address, page, person):
        form = {"csrf": re.search(r'name="csrf" value="([^"]+)"', page)[1]}
        if "/sign-in" in address:
            form |= {"username": person.username, "password": person.password}
        else:
            form |= {"decision": "allow"}
        headers = {"origin": self.url, "sec-fetch-site": "same-origin"}
        return browser.post(address, data=form, headers=headers, allow_redirects=False, timeout=30)

    def registered_by_email(self):
        """An address that is not proven, and the handle and code that prove it."""
        address = unique() + "@example.com"
        handle = self.post("/register", {"email": address, "password": PASSWORD})["handle"]
        return address, {"handle": handle, "code": self.mailed_code(address, 1)}

    def forgotten_password(self):
        """The handle and code that set a new password."""
        address, proof = self.registered_by_email()
        answer = patient().post(self.url + "/email/verify", json=proof, timeout=30)
        assert answer.ok, answer.text
        handle = self.post("/password/forgot", {"username": address})["handle"]
        return {"handle": handle, "code": self.mailed_code(address, 2)}

    def mailed_code(self, address, number):
        """The code in the mail to `address` with this number, as soon as it has arrived."""
        for _ in range(200):
            inbox = patient().get(self.url + "/_local/mail", headers={"Accept": "application/json"}, timeout=30).json()
            texts = [mail["text"] for mail in reversed(inbox) if mail["to"] == [address]]
            if len(texts) >= number:
                return re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", texts[number - 1])[0]
            time.sleep(0.1)
        raise AssertionError(f"mail {number} to {address} has not arrived")

    def app_auth(self):
        return self.app["client_id"], self.app["client_secret"]


class Person:
    """Somebody with an account, signed in."""

    def __init__(self, world, username):
        self.world, self.username, self.password = world, username, PASSWORD
        world.post("/register", {"username": username, "password": PASSWORD, "name": username.title()})
        self.tokens = self.sign_in("account openid profile email")

    def sign_in(self, scope="account"):
        wanted = {"username": self.username, "password": self.password, "scope": scope}
        return self.world.post("/login", wanted)

    def new_app(self):
        """A code that confirms an authenticator app."""
        secret = base64.b32decode(self.post("/me/totp", {})["secret"])
        tag = hmac.new(secret, int(time.time() // 30).to_bytes(8, "big"), hashlib.sha1).digest()
        at = tag[19] & 15
        return f"{(int.from_bytes(tag[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"

    def add_app(self):
        """Adds an authenticator app. Returns a recovery code."""
        return self.post("/me/totp/confirm", {"code": self.new_app()})["recovery_codes"][0]

    def lose_app(self):
        """Asks for the removal of the app, without a code of it."""
        answer = patient().delete(self.world.url + "/me/totp", json={}, headers=self.bearer(), timeout=30)
        assert answer.status_code == 202, answer.text

    def half_way(self):
        """The `mfa_token` of a right password."""
        wanted = {"username": self.username, "password": self.password}
        answer = patient().post(self.world.url + "/login", json=wanted, timeout=30)
        assert answer.status_code == 401, answer.text
        return answer.json()["mfa_token"]

    def post(self, path, body):
        return self.world.post(path, body, headers=self.bearer())

    def bearer(self):
        return {"Authorization": "Bearer " + self.tokens["access_token"]}

    def another_session(self):
        """The id of a session that can be ended."""
        payload = self.sign_in()["access_token"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=="))["sid"]


def unique():
    return "u" + secrets.token_hex(8)
