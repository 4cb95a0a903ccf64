"""A mail server (aiosmtpd) that requires TLS and a password, and reads each mail with Python's email package.

Usage: smtp.py CERTIFICATE KEY. Standard output is one line of JSON for the ports, and one for each mail.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def say(value):
    print(json.dumps(value), flush=True)


class Inbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "451 4.3.0 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "defects": [str(defect) for part in mail.walk() for defect in part.defects],
            "parts": parts,
        })
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"gatewright@id.example" and data.password == "secret für SMTP".encode()
    return AuthResult(success=good, handled=False, auth_data=data)


async def serve():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    demand = {"authenticator": authenticate, "auth_required": True}
    kinds = {
        "smtps": ({"auth_require_tls": False}, context),  # the connection is TLS already
        "smtp": ({"tls_context": context, "require_starttls": True}, None),
    }
    loop, ports = asyncio.get_running_loop(), {}
    for name, (tls, implicit) in kinds.items():
        server = await loop.create_server(lambda tls=tls: SMTP(Inbox(), **demand, **tls), "127.0.0.1", 0, ssl=implicit)
        ports[name] = server.sockets[0].getsockname()[1]
    say(ports)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
