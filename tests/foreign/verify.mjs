// What verifiers from npm say of our tokens: a job as JSON on standard input, verdicts as JSON on standard output.
//
// Every library gets all that it can be told: key set, algorithm, issuer, audience, type. `verifiers.rs` beside this file
// knows what each cannot.

import { createPublicKey } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { JwtVerifier } from 'aws-jwt-verify';
import fastJwt from 'fast-jwt';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';

const job = JSON.parse(await text(process.stdin));
const jwks = await (await fetch(job.jwks_url)).json();
const remote = jose.createRemoteJWKSet(new URL(job.jwks_url));

const verifiers = {
  // It fetches keys over https only, so the document is handed in. A type is checked in its own hook.
  'aws-jwt-verify': async ({ token, issuer, audience, typ }) => {
    const customJwtCheck = ({ header }) => {
      if (header.typ !== typ) throw new Error(`typ is ${header.typ}`);
    };
    const verifier = JwtVerifier.create({ issuer, audience, jwksUri: job.jwks_url, customJwtCheck });
    verifier.cacheJwks(jwks);
    await verifier.verify(token);
  },

  'fast-jwt': async ({ token, issuer, audience, typ }) => {
    const key = async ({ header }) => publicKey(header.kid).export({ type: 'spki', format: 'pem' });
    const options = { key, algorithms: [job.algorithm], allowedIss: issuer, allowedAud: audience, checkTyp: typ };
    await fastJwt.createVerifier(options)(token);
  },

  jose: ({ token, issuer, audience, typ }) =>
    jose.jwtVerify(token, remote, { issuer, audience, typ, algorithms: [job.algorithm] }),

  jsonwebtoken: async ({ token, issuer, audience }) => {
    const { header } = jsonwebtoken.decode(token, { complete: true });
    jsonwebtoken.verify(token, publicKey(header.kid), { issuer, audience, algorithms: [job.algorithm] });
  },
};

function publicKey(kid) {
  const key = jwks.keys.find((key) => key.kid === kid);
  if (!key) throw new Error(`no key ${kid}`);
  return createPublicKey({ key, format: 'jwk' });
}

const verdicts = {};
for (const [library, verify] of Object.entries(verifiers)) {
  verdicts[library] = {};
  for (const one of job.cases) {
    verdicts[library][one.name] = await verify(one).then(
      () => 'accepted',
      (error) => `refused: ${error.message}`,
    );
  }
}
console.log(JSON.stringify(verdicts));
