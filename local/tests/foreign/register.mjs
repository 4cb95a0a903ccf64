// Whether a client library from npm can register at our service and go on from there: a job as JSON on standard input,
// what became of each try as JSON on standard output.

import { text } from 'node:stream/consumers';
import * as client from 'openid-client';

const { issuer, initial_access_token: initialAccessToken } = JSON.parse(await text(process.stdin));
const execute = [client.allowInsecureRequests]; // loopback has no TLS
const register = (metadata, authentication, options) =>
  client.dynamicClientRegistration(new URL(issuer), metadata, authentication, { execute, ...options });
const redirect_uris = ['https://notes.example/callback'];

// Registers, and proves itself at the back channel and in the front.
const app = (token_endpoint_auth_method, authentication) => async () => {
  const config = await register({ redirect_uris, token_endpoint_auth_method }, authentication);
  await client.tokenRevocation(config, 'nothing');
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect_uris[0],
    scope: 'openid',
    prompt: 'none',
    state,
    code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
    code_challenge_method: 'S256',
  });
  const answer = await fetch(url, { redirect: 'manual' });
  const callback = new URL(answer.headers.get('location'));
  await client.authorizationCodeGrant(config, callback, { expectedState: state });
};

const tries = {
  client_secret_basic: app('client_secret_basic', client.ClientSecretBasic()),
  client_secret_post: app('client_secret_post', client.ClientSecretPost()),
  none: app('none', client.None()),
  client_credentials: async () => {
    const metadata = { grant_types: ['client_credentials'], response_types: [], scope: 'openid' };
    const config = await register(metadata, client.ClientSecretBasic(), { initialAccessToken });
    await client.clientCredentialsGrant(config);
  },
  'a token that was used': () => register({ redirect_uris }, undefined, { initialAccessToken }),
  'a bad redirect URI': () => register({ redirect_uris: ['http://notes.example/callback'] }),
};

const outcomes = {};
for (const [name, attempt] of Object.entries(tries)) {
  try {
    await attempt();
    outcomes[name] = 'done';
  } catch (error) {
    const challenge = Array.isArray(error.cause) ? error.cause[0].parameters.error : undefined;
    outcomes[name] = error.error ?? challenge ?? String(error);
  }
}
process.stdout.write(JSON.stringify(outcomes));
