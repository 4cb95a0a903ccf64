// passport-openidconnect, with the routes of docs/frameworks.md, and without the option that its own documentation lacks.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import express from 'express';
import { fromPage } from './page.mjs';
import { browse, register, run, start } from './session.mjs';

const { issuer, alice, flows } = await start();

// An app on a port of its own, whose `/` tells who is signed in: what a browser of its own sees there.
async function serve(changed, metadata) {
  const router = express();
  const server = router.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const app = `http://localhost:${server.address().port}`;
  const { client_id, client_secret } = await register({
    redirect_uris: [`${app}/cb`], post_logout_redirect_uris: [`${app}/`], token_endpoint_auth_method: 'client_secret_post',
    ...metadata,
  });
  Object.assign(process.env, { ISSUER: issuer, CLIENT_ID: client_id, CLIENT_SECRET: client_secret, APP: app });
  const { routes } = await fromPage('js', '// passport-openidconnect', changed);
  router.use(routes);
  router.get('/', (request, response) => response.json({ user: request.user, told: request.session.messages }));
  router.use((error, request, response, next) => response.status(400).json({ error: error.code, description: error.message }));
  return async (path, how) => JSON.parse((await browse(`${app}${path}`, { browser: app, app, ...how })).text);
}

const asItsDocumentationShows = (text) => text.replace('  nonce: true,\n', '');

await run(flows, {
  async 'sign in and out'() {
    const visit = await serve();
    assert.deepEqual((await visit('/login')).user, { id: alice, name: 'Alice Liddell' });
    assert.deepEqual(await visit('/logout'), {});
    assert.deepEqual(await visit('/'), {});
  },

  async 'a person who says no'() {
    const visit = await serve();
    assert.equal((await visit('/login', { decision: 'deny' })).user, undefined);
  },

  async 'sign in without a nonce'() {
    const visit = await serve(asItsDocumentationShows, { require_pkce: false });
    assert.equal((await visit('/login')).user.id, alice);
  },

  async 'a request that nothing protects'() {
    const visit = await serve(asItsDocumentationShows);
    const { error, description } = await visit('/login');
    assert.equal(error, 'invalid_request');
    assert.match(description, /PKCE/);
  },
});
