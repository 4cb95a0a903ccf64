// Auth.js v4 (next-auth), with the provider and the callbacks of docs/frameworks.md. Its API route is a function of a request and an
// answer of Next.js; the few members of them that it uses are added to Node's own, and no Next.js is built for it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fromPage } from './page.mjs';
import { BYE, browse, register, run, start } from './session.mjs';

const SECONDS = 4;
const { issuer, alice, flows } = await start({ parameters: { AccessTokenSeconds: String(SECONDS) } });
const server = createServer(serve).listen(0, '127.0.0.1').unref();
await once(server, 'listening');
const app = `http://localhost:${server.address().port}`;
const { client_id, client_secret } = await register({ redirect_uris: [`${app}/api/auth/callback/gatewright`] });
Object.assign(process.env, {
  NEXTAUTH_URL: app, NEXTAUTH_SECRET: 'a secret of this app', ISSUER: issuer, CLIENT_ID: client_id, CLIENT_SECRET: client_secret,
});
const { default: handler } = await fromPage('js', '// pages/api/auth/[...nextauth].js', asBundled);

// A bundler takes the default export of a CommonJS module where Node takes all of it.
function asBundled(text) { return text.replace('NextAuth(', 'NextAuth.default('); }

// What Next.js does for an API route before and after it.
async function serve(request, response) {
  const url = new URL(request.url, app);
  const body = Buffer.concat(await request.toArray()).toString();
  const route = url.pathname.replace('/api/auth/', '').split('/');
  const cookies = (request.headers.cookie ?? '').split('; ').filter(Boolean).map((pair) => pair.split(/=(.*)/, 2));
  Object.assign(request, {
    query: { ...Object.fromEntries(url.searchParams), nextauth: route },
    cookies: Object.fromEntries(cookies.map(([name, value]) => [name, decodeURIComponent(value)])),
    body: Object.fromEntries(new URLSearchParams(body)),
  });
  response.status = (code) => Object.assign(response, { statusCode: code });
  response.send = (body) => response.end(typeof body === 'string' ? body : JSON.stringify(body));
  response.json = response.send;
  if (url.pathname.startsWith('/api/auth/')) await handler(request, response);
  else response.end('the app');
}

// A visitor with a browser of their own.
const visitor = (browser) => {
  const visit = (path, form, decision) => browse(`${app}/api/auth/${path}`, { browser, app, form, decision });
  const json = async (path) => JSON.parse((await visit(path)).text);
  const post = async (path, decision) => visit(path, { csrfToken: (await json('csrf')).csrfToken, callbackUrl: app }, decision);
  return {
    session: () => json('session'), signIn: (decision) => post('signin/gatewright', decision), signOut: () => post('signout'),
  };
};

await run(flows, {
  async 'sign in'() {
    const one = visitor('one');
    assert.deepEqual(await one.session(), {});
    assert.equal((await one.signIn()).text, 'the app');
    const { user, error } = await one.session();
    assert.deepEqual([user.id, user.name, user.email, error], [alice, 'Alice Liddell', undefined, undefined]);
  },

  async refresh() {
    const one = visitor('two');
    await one.signIn();
    const { accessToken } = await one.session();
    await pause(SECONDS * 1000);
    const later = await one.session();
    assert.equal(later.error, undefined);
    assert.notEqual(later.accessToken, accessToken);
    const answer = await fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${later.accessToken}` } });
    assert.equal((await answer.json()).sub, alice);
  },

  async 'sign out'() {
    const one = visitor('three');
    await one.signIn();
    const { idToken } = await one.session();
    await one.signOut();
    assert.deepEqual(await one.session(), {});
    const away = `${issuer}/end_session?${new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: BYE })}`;
    assert.equal((await browse(away, { browser: 'three' })).url, BYE);
  },

  async 'a person who says no'() {
    const one = visitor('four');
    await one.signIn('deny');
    assert.deepEqual(await one.session(), {});
  },
});
