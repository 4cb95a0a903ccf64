// POST /conversions: a length in another unit.
//
// The gateway has already called Gatewright's authorizer. A REST API passes its result on in requestContext.authorizer, flat and
// as text. A request without a sub there came over an unprotected route, and is refused.

const METRES = { fathom: 1.8288, foot: 0.3048, metre: 1, mile: 1609.344 };

export async function handler(event) {
  const caller = event.requestContext.authorizer ?? {};
  if (!caller.sub) return answer(401, { error: 'unauthorized' });
  const { length, from, to } = read(event.body);
  const metres = length * METRES[from];
  if (typeof length !== 'number' || !Number.isFinite(metres) || !Object.hasOwn(METRES, to)) {
    const known = Object.keys(METRES).join(', ');
    const error_description = `Send {"length": 1, "from": "mile", "to": "metre"}; there are: ${known}.`;
    return answer(400, { error: 'invalid_request', error_description });
  }
  return answer(200, { length: metres / METRES[to], unit: to, for: caller.sub });
}

function read(body) {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

function answer(statusCode, body) {
  return { statusCode, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
