"""POST /quotes: the price of several things, for the person who asks.

The gateway has already called Gatewright's authorizer, whose result is in requestContext.authorizer.lambda. A request without it
came over a route that somebody forgot to protect, and is refused.
"""

import base64
import json

PRICES = {"candle": 250, "lantern": 4900, "wick": 40}
MOST = 1000


def handler(event, context):
    caller = (event["requestContext"].get("authorizer") or {}).get("lambda") or {}
    if not caller.get("sub"):
        return answer(401, {"error": "unauthorized"})
    try:
        items = read(event)
    except (ValueError, RecursionError) as error:
        return answer(400, {"error": "invalid_request", "error_description": str(error)})
    cents = sum(PRICES[item] * count for item, count in items.items())
    return answer(201, {"for": caller["sub"], "items": items, "cents": cents})


def read(event):
    """The items of the body, {"lantern": 2}: each one known, and a whole number of it."""
    body = event.get("body") or ""
    items = json.loads(base64.b64decode(body) if event["isBase64Encoded"] else body)
    if not isinstance(items, dict) or not items:
        raise ValueError("The body must be a JSON object of items and numbers.")
    for item, count in items.items():
        if item not in PRICES:
            raise ValueError(f"There is no {item!r}.")
        if type(count) is not int or not 0 < count <= MOST:
            raise ValueError(f"The number of {item} must be 1 to {MOST}.")
    return items


def answer(status, body):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
