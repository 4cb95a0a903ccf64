"""The official MCP SDK for Python, as its documentation shows it: its OAuth provider signs in when the API asks for it."""

import asyncio
import json
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

from session import CALLBACK, browse, run, start

process = subprocess.Popen(
    ["node", Path(__file__).parent / "mcp_api.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)
api = json.loads(process.stdout.readline())
service = start(seed=api["seed"])
alice = service["alice"]
print(service["issuer"], file=process.stdin, flush=True)


class App(TokenStorage):
    """What the SDK asks an app to remember. `asked` counts how often a person was sent to the service."""

    def __init__(self):
        self.tokens = self.client = self.arrival = None
        self.asked = 0

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client

    async def send(self, url):
        self.asked += 1
        self.arrival = parse_qs(urlsplit(browse(url)["url"]).query)

    async def receive(self):
        code, state, iss = (self.arrival.get(name, [None])[0] for name in ("code", "state", "iss"))
        assert code, self.arrival
        return AuthorizationCodeResult(code=code, state=state, iss=iss)

    def provider(self, server):
        metadata = OAuthClientMetadata(
            client_name="An assistant",
            redirect_uris=[CALLBACK],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
        )
        return OAuthClientProvider(server, metadata, self, self.send, self.receive)


async def call(app, *tools, server=api["usual"], pause=0):
    """What these tools of the API say, called one after the other with a pause between them."""
    said = []
    async with httpx2.AsyncClient(auth=app.provider(server), timeout=60) as http:
        async with Client(streamable_http_client(server, http_client=http)) as client:
            for tool in tools:
                if said:
                    await asyncio.sleep(pause)
                said.append((await client.call_tool(tool)).content[0].text)
    return said


def signs_in():
    app = App()
    assert asyncio.run(call(app, "read")) == [f"read by {alice}"]
    assert asyncio.run(call(app, "read")) == [f"read by {alice}"]
    assert app.asked == 1, app.asked
    assert app.client.client_id, app.client


def step_up():
    app = App()
    said = asyncio.run(call(app, "read", "write", "read"))
    assert said == [f"{tool} by {alice}" for tool in ("read", "write", "read")], said
    assert app.asked == 2, app.asked
    assert {"notes:read", "notes:write"} <= set(app.tokens.scope.split()), app.tokens.scope


def refresh():
    app = App()
    said = asyncio.run(call(app, "read", "read", server=api["brief"], pause=api["seconds"] + 0.1))
    assert said == [f"read by {alice}"] * 2, said
    assert app.asked == 1, app.asked


run(
    service["flows"],
    {"register, sign in and call": signs_in, "step up after a 403": step_up, "refresh": refresh},
)
process.stdin.close()
process.wait()
