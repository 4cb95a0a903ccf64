// The official MCP SDK for TypeScript, as its documentation shows it: a client whose transport signs in when the API asks for it.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { BRIEF, serve } from './mcp_api.mjs';
import { CALLBACK, browse, run, start } from './session.mjs';

const api = await serve();
const { issuer, alice, flows } = await start({ seed: api.seed });
api.trust(issuer);

// What the SDK asks an app to remember. `asked` counts how often a person was sent to the service.
class Provider {
  constructor(metadata = {}) {
    this.metadata = metadata;
    this.kept = {};
    this.asked = 0;
  }
  get redirectUrl() { return this.metadata.redirect_uris?.[0] ?? CALLBACK; }
  get clientMetadata() {
    return {
      client_name: 'An editor', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], ...this.metadata,
    };
  }
  clientInformation() { return this.kept.client; }
  saveClientInformation(client) { this.kept.client = client; }
  tokens() { return this.kept.tokens; }
  saveTokens(tokens) { this.kept.tokens = tokens; }
  saveCodeVerifier(verifier) { this.kept.verifier = verifier; }
  codeVerifier() { return this.kept.verifier; }
  redirectToAuthorization(url) {
    this.asked += 1;
    this.kept.url = url;
  }
}

// Does something with the API. Where the SDK sends alice to the service, she comes back with a code, and it is done again.
async function authorized(provider, server, deed) {
  const transport = () => new StreamableHTTPClientTransport(new URL(server), { authProvider: provider });
  const attempt = async (through) => {
    const client = new Client({ name: 'editor', version: '1.0.0' });
    await client.connect(through);
    return deed(client).finally(() => client.close());
  };
  const first = transport();
  try {
    return await attempt(first);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
  }
  const { url } = await browse(provider.kept.url);
  const code = new URL(url).searchParams.get('code');
  assert.ok(code, url);
  await first.finishAuth(code);
  return attempt(transport());
}

// What a tool of the API says.
const call = async (provider, name, server = api.usual) => {
  const answer = await authorized(provider, server, (client) => client.callTool({ name }));
  return answer.content[0].text;
};

await run(flows, {
  async 'register, sign in and call'() {
    const provider = new Provider();
    assert.equal(await call(provider, 'read'), `read by ${alice}`);
    assert.equal(await call(provider, 'read'), `read by ${alice}`);
    assert.deepEqual([provider.asked, provider.kept.tokens.scope, provider.kept.client.client_secret], [1, 'notes:read', undefined]);
  },

  async 'step up after a 403'() {
    const provider = new Provider();
    await call(provider, 'read');
    const client = provider.kept.client.client_id;
    // While it holds a refresh token, the SDK refreshes and does not ask for more: an app lets go of its tokens.
    await assert.rejects(call(provider, 'write'), /403 after trying upscoping/);
    provider.kept.tokens = { ...provider.kept.tokens, refresh_token: undefined };
    assert.equal(await call(provider, 'write'), `write by ${alice}`);
    assert.deepEqual([provider.asked, provider.kept.client.client_id], [2, client]);
    assert.equal(provider.kept.tokens.scope, 'notes:read notes:write');
    assert.equal(await call(provider, 'read'), `read by ${alice}`);
  },

  async refresh() {
    const provider = new Provider();
    await call(provider, 'read', api.brief);
    const { refresh_token } = provider.kept.tokens;
    await pause(BRIEF * 1000 + 100);
    assert.equal(await call(provider, 'read', api.brief), `read by ${alice}`);
    assert.equal(provider.asked, 1);
    assert.notEqual(provider.kept.tokens.refresh_token, refresh_token);
  },

  async 'an editor with a scheme of its own'() {
    const redirect_uris = ['cursor://anysphere.cursor-mcp/oauth/callback'];
    const provider = new Provider({ redirect_uris, client_uri: '', software_id: 'editor', scope: 'mcp:tools notes:read' });
    assert.equal(await call(provider, 'read'), `read by ${alice}`);
    assert.deepEqual(provider.kept.client.redirect_uris, redirect_uris);
  },
});
