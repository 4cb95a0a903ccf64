"""What verifiers from PyPI say of our tokens: a job as JSON on standard input, verdicts as JSON on standard output.

Every library gets all that it can be told: key set, algorithm, issuer, audience. `verifiers.rs` beside this file knows what
each cannot.
"""

import json
import sys
import urllib.request

import jwt
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet

job = json.load(sys.stdin)
client = jwt.PyJWKClient(job["jwks_url"])
with urllib.request.urlopen(job["jwks_url"]) as answer:
    keys = KeySet.import_key_set(json.load(answer))


def pyjwt(case):
    key = client.get_signing_key_from_jwt(case["token"])
    jwt.decode(
        case["token"],
        key,
        algorithms=[job["algorithm"]],
        issuer=case["issuer"],
        audience=case["audience"],
        options={"require": ["exp", "iat", "iss", "aud", "sub", "jti"]},
    )


def joserfc(case):
    token = joserfc_jwt.decode(case["token"], keys, algorithms=[job["algorithm"]])
    claims = joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": case["issuer"]},
        aud={"essential": True, "value": case["audience"]},
        exp={"essential": True},
    )
    claims.validate(token.claims)


def verdict(verify, case):
    try:
        verify(case)
    except Exception as error:  # whatever a library throws is its refusal
        return f"refused: {error!r}"
    return "accepted"


verifiers = {"PyJWT": pyjwt, "joserfc": joserfc}
json.dump(
    {
        library: {case["name"]: verdict(verify, case) for case in job["cases"]}
        for library, verify in verifiers.items()
    },
    sys.stdout,
)
