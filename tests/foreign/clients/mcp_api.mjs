// An API that speaks MCP, as its authors write one: the SDK's server, and tokens verified as docs/verify.md shows.
//
// Tool `read` needs the scope `notes:read`, tool `write` needs `notes:write` too, and a token without it is told so by a 403.
// There are two of them at one address: tokens of `/brief/mcp` live for a few seconds.
//
// Imported, it is a function. Run, it prints its seed file in one line, is told the issuer in another, and ends with its input.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

// How long the tokens of the brief API live, in seconds.
export const BRIEF = 5;
const PATHS = ['/mcp', '/brief/mcp'];
const READ = ['notes:read'];
const WRITE = ['notes:read', 'notes:write'];

// A running API: where it is, how a seed file declares it, and how it is told its issuer.
export async function serve() {
  const app = express().use(express.json());
  const server = app.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  let issuer;
  let keys;
  for (const path of PATHS) {
    const [resource, metadata] = [`${origin}${path}`, `/.well-known/oauth-protected-resource${path}`];
    const guard = (requiredScopes) => requireBearerAuth({
      verifier: { verifyAccessToken: (token) => verify(token, { issuer, audience: resource }, keys) },
      requiredScopes, resourceMetadataUrl: `${origin}${metadata}`,
    });
    const [reads, writes] = [guard(READ), guard(WRITE)];
    app.get(metadata, (_, response) => response.json({ resource, authorization_servers: [issuer], scopes_supported: READ }));
    app.post(path, (request, response, next) => (changes(request.body) ? writes : reads)(request, response, next), answer);
    app.all(path, (_, response) => response.status(405).end());
  }
  const scopes = { 'notes:read': 'read your notes', 'notes:write': 'change your notes' };
  const [usual, brief] = PATHS.map((path) => ({ resource: `${origin}${path}`, scopes }));
  return {
    usual: usual.resource,
    brief: brief.resource,
    seed: { resources: [usual, { ...brief, access_token_seconds: BRIEF }] },
    trust(told) {
      issuer = told;
      keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
    },
  };
}

// Whether a message needs the scope to write.
const changes = (message) => message?.method === 'tools/call' && message.params?.name === 'write';

async function verify(token, told, keys) {
  const check = jwtVerify(token, keys, { ...told, typ: 'at+jwt', algorithms: ['RS256'] });
  const { payload } = await check.catch((error) => { throw new InvalidTokenError(error.code); });
  return { token, clientId: payload.client_id, scopes: payload.scope.split(' '), expiresAt: payload.exp, extra: payload };
}

// Every message is answered by a server of its own. The tools say who calls.
async function answer(request, response) {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  for (const name of ['read', 'write']) {
    server.registerTool(name, {}, ({ authInfo }) => ({ content: [{ type: 'text', text: `${name} by ${authInfo.extra.sub}` }] }));
  }
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on('close', () => server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
}

if (import.meta.filename === process.argv[1]) {
  const { usual, brief, seed, trust } = await serve();
  process.stdout.write(`${JSON.stringify({ usual, brief, seed, seconds: BRIEF })}\n`);
  createInterface({ input: process.stdin }).once('line', trust);
}
