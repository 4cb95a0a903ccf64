// openid-client, as its README and API reference show it.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import * as oidc from 'openid-client';
import { BYE, CALLBACK, NOTES, SCOPE, TASKS, browse, order, register, run, start } from './session.mjs';

const { issuer, algorithm, alice, password, flows } = await start();
// The service is on loopback, where there is no TLS.
const INSECURE = { execute: [oidc.allowInsecureRequests] };

// A registered app, by the library's defaults: its secret is sent in the body.
async function app(metadata = {}, authentication = undefined) {
  const client = await register({ token_endpoint_auth_method: 'client_secret_post', ...metadata });
  return discover(client.client_id, client.client_secret, authentication);
}

const discover = (id, secret, authentication) =>
  oidc.discovery(new URL(issuer), id, secret, authentication, INSECURE);

// Sends alice to the service for a code. The answer is `{url, form}`, the rest is what its use is checked by.
async function ask(config, more = {}, how = {}, build = oidc.buildAuthorizationUrl) {
  const checks = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
  };
  const parameters = {
    redirect_uri: CALLBACK, scope: SCOPE, state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256', ...more,
  };
  const query = new URLSearchParams(Object.entries(parameters).flatMap(([name, value]) => [value].flat().map((one) => [name, one])));
  return { checks, arrival: await browse(await build(config, query), how) };
}

async function signIn(config, more, how, build) {
  const { checks, arrival } = await ask(config, more, how, build);
  const tokens = await oidc.authorizationCodeGrant(config, new URL(arrival.url), checks);
  assert.equal(tokens.claims().sub, alice);
  return tokens;
}

const header = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
const refused = (promise, error) => assert.rejects(promise, { code: 'OAUTH_RESPONSE_BODY_ERROR', error, status: 400 });
const challenged = (promise, error) => assert.rejects(promise, (thrown) => {
  assert.deepEqual([thrown.code, thrown.status], ['OAUTH_WWW_AUTHENTICATE_CHALLENGE', 401], thrown.stack);
  return thrown.cause[0].parameters.error === error;
});
const answered = (promise, error) => assert.rejects(promise, { code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR', error });

// Adds an authenticator app to the account of alice: what it shows for a step that is so many steps from the present one.
async function enrol() {
  const post = async (path, body, token) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(new URL(path, issuer), { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  const { access_token } = await post('/login', { username: 'alice', password });
  const { secret } = await post('/me/totp', {}, access_token);
  const code = (offset) => oneTimeCode(secret, Math.floor(Date.now() / 30000) + offset);
  await post('/me/totp/confirm', { code: code(-1) }, access_token);
  return code;
}

// RFC 6238, with a secret in base32.
function oneTimeCode(secret, step) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1000000).padStart(6, '0');
}

await run(flows, {
  async 'sign in'() {
    const config = await app();
    oidc.enableNonRepudiationChecks(config);
    assert.ok(config.serverMetadata().supportsPKCE());
    const tokens = await signIn(config);
    assert.equal(header(tokens.id_token).alg, algorithm);
    const person = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.deepEqual(person, {
      sub: alice, name: 'Alice Liddell', preferred_username: 'alice',
    });
  },

  async client_secret_basic() {
    await signIn(await app({ token_endpoint_auth_method: 'client_secret_basic' }, oidc.ClientSecretBasic()));
  },

  async private_key_jwt() {
    for (const [name, parameters] of [['ES256', { name: 'ECDSA', namedCurve: 'P-256' }], ['EdDSA', { name: 'Ed25519' }]]) {
      const { publicKey, privateKey } = await crypto.subtle.generateKey(parameters, true, ['sign', 'verify']);
      const jwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), alg: name, use: 'sig', kid: name };
      delete jwk.key_ops;
      delete jwk.ext;
      const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
      await signIn(await app(metadata, oidc.PrivateKeyJwt({ key: privateKey, kid: name })));
    }
  },

  async 'a public client'() {
    const config = await app({ token_endpoint_auth_method: 'none' }, oidc.None());
    const tokens = await signIn(config);
    await oidc.refreshTokenGrant(config, tokens.refresh_token);
  },

  async 'a pushed request'() {
    const config = await app({ require_pushed_authorization_requests: true });
    await signIn(config, {}, {}, oidc.buildAuthorizationUrlWithPAR);
    await answered(signIn(config), 'invalid_request');
    await refused(oidc.buildAuthorizationUrlWithPAR(config, { redirect_uri: 'https://evil.example' }), 'invalid_request');
  },

  async 'an answer by form_post'() {
    const config = await app();
    const { checks, arrival } = await ask(config, { response_mode: 'form_post' });
    const request = new Request(arrival.url, { method: 'POST', body: new URLSearchParams(arrival.form) });
    const tokens = await oidc.authorizationCodeGrant(config, request, checks);
    assert.equal(tokens.claims().sub, alice);
  },

  async resources() {
    const config = await app();
    const more = { resource: [NOTES.resource, TASKS.resource], scope: `${SCOPE} ${NOTES.scope} ${TASKS.scope}` };
    const { checks, arrival } = await ask(config, more);
    const first = await oidc.authorizationCodeGrant(config, new URL(arrival.url), checks, { resource: NOTES.resource });
    const second = await oidc.refreshTokenGrant(config, first.refresh_token, { resource: TASKS.resource });
    for (const [tokens, { resource, scope }] of [[first, NOTES], [second, TASKS]]) {
      const known = await oidc.tokenIntrospection(config, tokens.access_token);
      assert.deepEqual([known.aud, known.scope, tokens.scope], [resource, scope, scope]);
    }
    await refused(oidc.refreshTokenGrant(config, second.refresh_token, { resource: 'https://evil.example' }), 'invalid_target');
    await answered(signIn(config, { resource: 'https://evil.example' }), 'invalid_target');
  },

  async refresh() {
    const config = await app();
    oidc.enableNonRepudiationChecks(config);
    let tokens = await signIn(config);
    const used = new Set([tokens.refresh_token]);
    for (let turn = 0; turn < 3; turn += 1) {
      tokens = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.equal(tokens.claims().sub, alice);
      await oidc.fetchUserInfo(config, tokens.access_token, alice);
      used.add(tokens.refresh_token);
    }
    assert.equal(used.size, 4);
    const narrow = await oidc.refreshTokenGrant(config, tokens.refresh_token, { scope: 'openid' });
    assert.equal(narrow.scope, 'openid');
    // Within its grace window a replaced token leads to the live one.
    const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(again.refresh_token, narrow.refresh_token);
  },

  async 'client credentials'() {
    const metadata = { grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [], scope: NOTES.scope };
    const config = await app(metadata);
    const tokens = await oidc.clientCredentialsGrant(config, NOTES);
    const known = await oidc.tokenIntrospection(config, tokens.access_token);
    const { client_id } = config.clientMetadata();
    assert.deepEqual([known.sub, known.client_id, known.aud, known.scope], [client_id, client_id, NOTES.resource, NOTES.scope]);
    assert.equal(tokens.refresh_token, undefined);
    await refused(oidc.clientCredentialsGrant(config, TASKS), 'invalid_scope');
  },

  async introspection() {
    const [config, other] = [await app(), await app()];
    const tokens = await signIn(config);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const known = await oidc.tokenIntrospection(config, token);
      assert.deepEqual([known.active, known.sub, known.username, known.iss], [true, alice, 'alice', issuer]);
      assert.deepEqual(await oidc.tokenIntrospection(other, token), { active: false });
    }
    assert.deepEqual(await oidc.tokenIntrospection(config, 'no token'), { active: false });
  },

  async revocation() {
    const config = await app();
    const one = await signIn(config);
    await oidc.tokenRevocation(config, one.access_token);
    assert.deepEqual(await oidc.tokenIntrospection(config, one.access_token), { active: false });
    const two = await oidc.refreshTokenGrant(config, one.refresh_token);
    await oidc.tokenRevocation(config, two.refresh_token, { token_type_hint: 'refresh_token' });
    await refused(oidc.refreshTokenGrant(config, two.refresh_token), 'invalid_grant');
    await challenged(oidc.fetchUserInfo(config, two.access_token, alice), 'invalid_token');
    await oidc.tokenRevocation(config, 'no token');
  },

  async 'single sign-on and logout'() {
    const [config, silently, here] = [await app(), { prompt: 'none' }, { browser: 'of single sign-on' }];
    await answered(signIn(config, silently, here), 'login_required');
    const tokens = await signIn(config, {}, here);
    const { checks, arrival } = await ask(config, { ...silently, max_age: 3600, id_token_hint: tokens.id_token }, here);
    await oidc.authorizationCodeGrant(config, new URL(arrival.url), { ...checks, maxAge: 3600 });
    const parameters = { post_logout_redirect_uri: BYE, id_token_hint: tokens.id_token, state: 'bye' };
    const away = await browse(oidc.buildEndSessionUrl(config, parameters), here);
    assert.equal(away.url, `${BYE}?state=bye`);
    await answered(signIn(config, silently, here), 'login_required');
  },

  async registration() {
    const metadata = { client_name: 'Newcomer', redirect_uris: [CALLBACK] };
    const config = await oidc.dynamicClientRegistration(new URL(issuer), metadata, oidc.ClientSecretBasic(), INSECURE);
    assert.equal(config.clientMetadata().token_endpoint_auth_method, 'client_secret_basic');
    await signIn(config, { scope: 'openid' });
    const broken = { redirect_uris: ['https://app.example/#fragment'] };
    await refused(oidc.dynamicClientRegistration(new URL(issuer), broken, undefined, INSECURE), 'invalid_redirect_uri');
  },

  async 'registration by an initial access token'() {
    const { initial_access_token: initialAccessToken } = await order({ action: 'initial_access_token' });
    const machine = { grant_types: ['client_credentials'], scope: NOTES.scope };
    const registerMachine = () => oidc.dynamicClientRegistration(
      new URL(issuer), machine, oidc.ClientSecretBasic(), { ...INSECURE, initialAccessToken });
    const tokens = await oidc.clientCredentialsGrant(await registerMachine(), NOTES);
    assert.equal(tokens.scope, NOTES.scope);
    await challenged(registerMachine(), 'invalid_token');
  },

  // Without a word about it, openid-client posts the secret; a registration without a word means Basic.
  async 'the right secret by the other method'() {
    const { client_id, client_secret } = await register({});
    const config = await discover(client_id, client_secret);
    await assert.rejects(signIn(config), (thrown) => {
      const { error, error_description } = thrown.cause[0].parameters;
      assert.equal(error, 'invalid_client');
      return error_description.includes('registered for client_secret_basic');
    });
  },

  async 'a wrong secret'() {
    for (const [method, authentication] of [['client_secret_post', oidc.ClientSecretPost], ['client_secret_basic', oidc.ClientSecretBasic]]) {
      const { client_id } = await register({ token_endpoint_auth_method: method });
      const config = await discover(client_id, undefined, authentication('a guess'));
      await challenged(signIn(config), 'invalid_client');
      await challenged(oidc.buildAuthorizationUrlWithPAR(config, { redirect_uri: CALLBACK }), 'invalid_client');
      await challenged(oidc.tokenIntrospection(config, 'no token'), 'invalid_client');
      await challenged(oidc.tokenRevocation(config, 'no token'), 'invalid_client');
    }
  },

  async 'a person who says no'() {
    await answered(signIn(await app(), {}, { decision: 'deny' }), 'access_denied');
  },

  async 'a code for the second time'() {
    const config = await app();
    const { checks, arrival } = await ask(config);
    const tokens = await oidc.authorizationCodeGrant(config, new URL(arrival.url), checks);
    await refused(oidc.authorizationCodeGrant(config, new URL(arrival.url), checks), 'invalid_grant');
    await refused(oidc.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant');
  },

  async 'a code without its verifier'() {
    const config = await app();
    const { checks, arrival } = await ask(config);
    const other = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
    await refused(oidc.authorizationCodeGrant(config, new URL(arrival.url), other), 'invalid_grant');
    await oidc.authorizationCodeGrant(config, new URL(arrival.url), checks);
  },

  // What an app does after the challenge of RFC 9470: the same request again, for the level that the API asks for.
  async 'a step-up'() {
    const [config, here] = [await app(), { browser: 'of the step-up' }];
    assert.deepEqual(config.serverMetadata().acr_values_supported.slice(0, 2), ['1', '2']);
    const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['2'] } } }) };
    const first = await signIn(config, {}, here);
    assert.equal(first.claims().acr, '1');
    await answered(signIn(config, essential, here), 'unmet_authentication_requirements');
    const code = await enrol();
    const { checks, arrival } = await ask(config, { acr_values: '2' }, here);
    assert.equal(new URL(arrival.url).pathname, '/sign-in/second-factor');
    const hidden = [...arrival.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const form = { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), code: code(0) };
    const done = await browse(arrival.url, { ...here, form });
    const tokens = await oidc.authorizationCodeGrant(config, new URL(done.url), checks);
    assert.deepEqual([tokens.claims().acr, tokens.claims().amr], ['2', ['pwd', 'otp', 'mfa']]);
    assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).acr, '2');
    assert.equal((await signIn(config, essential, here)).claims().acr, '2');
  },
});
