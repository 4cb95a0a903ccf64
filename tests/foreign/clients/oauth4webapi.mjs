// oauth4webapi, as its API reference shows it: each request by one function, each answer checked by another.

import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';
import { BYE, CALLBACK, NOTES, SCOPE, TASKS, browse, register, run, start } from './session.mjs';

const { issuer, algorithm, alice, flows } = await start();
// The service is on loopback, where there is no TLS.
const INSECURE = { [oauth.allowInsecureRequests]: true };

const discovered = (more) => oauth.discoveryRequest(new URL(issuer), { ...INSECURE, ...more });
const server = await oauth.processDiscoveryResponse(new URL(issuer), await discovered());

// An app: what the library calls `client`, and how it proves itself.
async function app(metadata = {}, prove = oauth.ClientSecretBasic) {
  const { client_id, client_secret } = await register({ token_endpoint_auth_method: 'client_secret_basic', ...metadata });
  return { client: { client_id }, proof: prove(client_secret) };
}

// A question to an endpoint of the back channel, and its checked answer.
const request = {
  code: async ({ client, proof }, parameters, verifier, more) => oauth.authorizationCodeGrantRequest(
    server, client, proof, parameters, CALLBACK, verifier, { ...INSECURE, additionalParameters: more }),
  refresh: async ({ client, proof }, token, more) => oauth.processRefreshTokenResponse(server, client,
    await oauth.refreshTokenGrantRequest(server, client, proof, token, { ...INSECURE, additionalParameters: more })),
  credentials: async ({ client, proof }, parameters) => oauth.processClientCredentialsResponse(server, client,
    await oauth.clientCredentialsGrantRequest(server, client, proof, parameters, INSECURE)),
  push: async ({ client, proof }, parameters) => oauth.processPushedAuthorizationResponse(server, client,
    await oauth.pushedAuthorizationRequest(server, client, proof, parameters, INSECURE)),
  introspect: async ({ client, proof }, token) => oauth.processIntrospectionResponse(server, client,
    await oauth.introspectionRequest(server, client, proof, token, INSECURE)),
  revoke: async ({ client, proof }, token) => oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, proof, token, INSECURE)),
  userinfo: async ({ client }, token) => oauth.processUserInfoResponse(server, client, alice,
    await oauth.userInfoRequest(server, client, token, INSECURE)),
  register: async (metadata) => oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(server, metadata, INSECURE)),
};

// Sends alice to the service for a code: where she comes back, and what her answer is checked by.
async function ask({ client, proof }, more = {}, how = {}, pushed = false) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  let parameters = {
    client_id: client.client_id, redirect_uri: CALLBACK, response_type: 'code', scope: SCOPE, state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  };
  if (pushed) {
    const { request_uri } = await request.push({ client, proof }, parameters);
    parameters = { client_id: client.client_id, request_uri };
  }
  const url = new URL(server.authorization_endpoint);
  for (const [name, value] of Object.entries(parameters)) [value].flat().forEach((one) => url.searchParams.append(name, one));
  return { arrival: await browse(url, how), verifier, state, nonce };
}

// Turns an answer into tokens; `maxAge` is how old the sign-in may be.
async function redeem(app, { arrival, verifier, state, nonce }, more = {}, maxAge = undefined) {
  const answer = arrival.form ? new URLSearchParams(arrival.form) : new URL(arrival.url);
  const parameters = oauth.validateAuthResponse(server, app.client, answer, state);
  const response = await request.code(app, parameters, verifier, more);
  const checks = { expectedNonce: nonce, requireIdToken: true, maxAge };
  const tokens = await oauth.processAuthorizationCodeResponse(server, app.client, response, checks);
  await oauth.validateApplicationLevelSignature(server, response, INSECURE);
  assert.equal(oauth.getValidatedIdTokenClaims(tokens).sub, alice);
  return tokens;
}

const signIn = async (app, more, how, pushed) => redeem(app, await ask(app, more, how, pushed));

// A resource server reads a token (RFC 9068).
const read = (token, audience) => oauth.validateJwtAccessToken(
  server, new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } }), audience, INSECURE);

const header = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
const refused = (promise, error) => assert.rejects(promise, { code: oauth.RESPONSE_BODY_ERROR, error, status: 400 });
const answered = (promise, error) => assert.rejects(promise, { code: oauth.AUTHORIZATION_RESPONSE_ERROR, error });
const challenged = (promise, error) => assert.rejects(promise, (thrown) => {
  assert.deepEqual([thrown.code, thrown.status], [oauth.WWW_AUTHENTICATE_CHALLENGE, 401], thrown.stack);
  return thrown.cause[0].parameters.error === error;
});

await run(flows, {
  async 'sign in'() {
    const one = await app();
    const tokens = await signIn(one);
    assert.deepEqual([header(tokens.id_token).alg, header(tokens.access_token).alg], [algorithm, algorithm]);
    const person = await request.userinfo(one, tokens.access_token);
    assert.deepEqual([person.name, person.email], ['Alice Liddell', undefined]);
    const claims = await read(tokens.access_token, issuer);
    assert.deepEqual([claims.sub, claims.client_id], [alice, one.client.client_id]);
  },

  async discovery() {
    const plain = await oauth.processDiscoveryResponse(new URL(issuer), await discovered({ algorithm: 'oauth2' }));
    assert.deepEqual(plain, server);
    const found = await oauth.resourceDiscoveryRequest(new URL(issuer), INSECURE);
    const resource = await oauth.processResourceDiscoveryResponse(new URL(issuer), found);
    assert.deepEqual(resource.authorization_servers, [issuer]);
  },

  async client_secret_post() {
    await signIn(await app({ token_endpoint_auth_method: 'client_secret_post' }, oauth.ClientSecretPost));
  },

  async private_key_jwt() {
    for (const alg of ['RS256', 'ES256', 'EdDSA']) {
      const { publicKey, privateKey } = await oauth.generateKeyPair(alg, { extractable: true });
      const { kty, crv, n, e, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
      const jwks = { keys: [{ kty, crv, n, e, x, y, alg, use: 'sig', kid: alg }] };
      const prove = () => oauth.PrivateKeyJwt({ key: privateKey, kid: alg });
      const one = await app({ token_endpoint_auth_method: 'private_key_jwt', jwks }, prove);
      const tokens = await signIn(one, {}, {}, true);
      assert.ok((await request.introspect(one, tokens.access_token)).active);
      await request.revoke(one, tokens.access_token);
    }
  },

  async 'a public client'() {
    const one = await app({ token_endpoint_auth_method: 'none' }, oauth.None);
    const tokens = await signIn(one);
    await request.revoke(one, (await request.refresh(one, tokens.refresh_token)).refresh_token);
  },

  async 'a pushed request'() {
    const one = await app({ require_pushed_authorization_requests: true });
    await signIn(one, {}, {}, true);
    await answered(signIn(one), 'invalid_request');
    await refused(request.push(one, { redirect_uri: 'https://evil.example' }), 'invalid_request');
  },

  async 'an answer by form_post'() {
    await signIn(await app(), { response_mode: 'form_post' });
  },

  async resources() {
    const one = await app();
    const more = { resource: [NOTES.resource, TASKS.resource], scope: `${SCOPE} ${NOTES.scope} ${TASKS.scope}` };
    const first = await redeem(one, await ask(one, more), { resource: NOTES.resource });
    const second = await request.refresh(one, first.refresh_token, { resource: TASKS.resource });
    for (const [tokens, { resource, scope }] of [[first, NOTES], [second, TASKS]]) {
      assert.equal((await read(tokens.access_token, resource)).scope, scope);
      await assert.rejects(read(tokens.access_token, issuer), { code: oauth.JWT_CLAIM_COMPARISON });
    }
    await refused(request.refresh(one, second.refresh_token, { resource: 'https://evil.example' }), 'invalid_target');
  },

  async refresh() {
    const one = await app();
    const first = await signIn(one);
    const second = await request.refresh(one, first.refresh_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(oauth.getValidatedIdTokenClaims(second).sub, alice);
    const third = await request.refresh(one, second.refresh_token);
    // Within its grace window a replaced token leads to the live one.
    const again = await request.refresh(one, first.refresh_token);
    assert.equal(again.refresh_token, third.refresh_token);
  },

  async 'client credentials'() {
    const metadata = { grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [], scope: NOTES.scope };
    const one = await app(metadata);
    const claims = await read((await request.credentials(one, NOTES)).access_token, NOTES.resource);
    assert.deepEqual([claims.sub, claims.scope], [one.client.client_id, NOTES.scope]);
    await refused(request.credentials(one, TASKS), 'invalid_scope');
    await refused(request.credentials(await app(), NOTES), 'unauthorized_client');
  },

  async introspection() {
    const one = await app();
    const tokens = await signIn(one);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      assert.equal((await request.introspect(one, token)).sub, alice);
      assert.deepEqual(await request.introspect(await app(), token), { active: false });
    }
  },

  async revocation() {
    const one = await app();
    const tokens = await signIn(one);
    await request.revoke(one, tokens.access_token);
    assert.deepEqual(await request.introspect(one, tokens.access_token), { active: false });
    assert.ok((await request.introspect(one, tokens.refresh_token)).active);
    await request.revoke(await app(), tokens.refresh_token);
    await request.revoke(one, (await request.refresh(one, tokens.refresh_token)).refresh_token);
    await refused(request.refresh(one, tokens.refresh_token), 'invalid_grant');
    await challenged(request.userinfo(one, tokens.access_token), 'invalid_token');
  },

  async 'single sign-on and logout'() {
    const [one, silently, here] = [await app(), { prompt: 'none' }, { browser: 'of single sign-on' }];
    await answered(signIn(one, silently, here), 'login_required');
    const tokens = await signIn(one, {}, here);
    await redeem(one, await ask(one, { ...silently, max_age: '3600' }, here), {}, 3600);
    const url = new URL(server.end_session_endpoint);
    url.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: BYE, state: 'bye' });
    assert.equal((await browse(url, here)).url, `${BYE}?state=bye`);
    await answered(signIn(one, silently, here), 'login_required');
  },

  async registration() {
    const { client_id, client_secret } = await request.register({ client_name: 'Newcomer', redirect_uris: [CALLBACK] });
    await signIn({ client: { client_id }, proof: oauth.ClientSecretBasic(client_secret) }, { scope: 'openid' });
    await refused(request.register({ redirect_uris: [] }), 'invalid_redirect_uri');
  },

  async 'a wrong secret'() {
    const metadata = { token_endpoint_auth_method: 'client_secret_post' };
    for (const one of [await app({}, () => oauth.ClientSecretBasic('a guess')), await app(metadata, () => oauth.ClientSecretPost('a guess'))]) {
      await challenged(signIn(one), 'invalid_client');
      await challenged(request.push(one, { redirect_uri: CALLBACK }), 'invalid_client');
      await challenged(request.introspect(one, 'no token'), 'invalid_client');
      await challenged(request.revoke(one, 'no token'), 'invalid_client');
    }
  },

  async 'a person who says no'() {
    await answered(signIn(await app(), {}, { decision: 'deny' }), 'access_denied');
  },

  async 'a code for the second time'() {
    const one = await app();
    const answer = await ask(one);
    const tokens = await redeem(one, answer);
    await refused(redeem(one, answer), 'invalid_grant');
    await refused(request.refresh(one, tokens.refresh_token), 'invalid_grant');
  },

  async 'a code without its verifier'() {
    const one = await app();
    const answer = await ask(one);
    await refused(redeem(one, { ...answer, verifier: oauth.generateRandomCodeVerifier() }), 'invalid_grant');
    await refused(redeem(one, { ...answer, verifier: oauth.nopkce }), 'invalid_grant');
    await redeem(one, answer);
  },
});
