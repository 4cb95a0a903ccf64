// oidc-client-ts in Chromium, as its documentation shows it: an app without a back end, whose pages are served from
// `localhost`, to a browser another site than the service's 127.0.0.1, and from 127.0.0.1, the same site.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { chromium } from '../../browser/node_modules/playwright-core/index.mjs';
import { FLAGS } from '../../browser/world.mjs';
import { SCOPE, order, run, start } from './session.mjs';

const PASSWORD = 'a lantern on the north pier';
const library = await readFile(new URL('../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url));

// The app: `manager` is what the library's README calls so, `outcome` what came of an answer of the service.
const page = (settings) => `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,">
<script src="/oidc-client-ts.js"></script>
<script>
const manager = new oidc.UserManager(${JSON.stringify(settings)});
const answers = { '/callback': () => manager.signinCallback(), '/bye': () => manager.signoutCallback() };
const answer = answers[location.pathname];
let outcome;
if (answer) answer().then((value) => { outcome = value ?? {}; }, (error) => { outcome = { error: error.error ?? String(error) }; });
</script>`;

let settings = {};
const server = createServer((request, response) => {
  const script = request.url === '/oidc-client-ts.js';
  response.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html; charset=utf-8' });
  response.end(script ? library : page({ ...settings, ...at(`http://${request.headers.host}`) }));
});
await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
const [ELSEWHERE, SAME_SITE] = ['localhost', '127.0.0.1'].map((host) => `http://${host}:${server.address().port}`);
const at = (origin) => ({ redirect_uri: `${origin}/callback`, post_logout_redirect_uri: `${origin}/bye` });

const { issuer, alice, flows } = await start({ parameters: { AllowedOrigins: [ELSEWHERE, SAME_SITE].join(',') } });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });

// Opens the app in a browser that has never been here.
async function open(origin, { trust = 'verified', scope = SCOPE, ...more } = {}) {
  const both = [at(ELSEWHERE), at(SAME_SITE)];
  const { client_id } = await order({
    action: 'create', trust,
    client: {
      client_name: 'App', token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'], scope,
      redirect_uris: both.map((one) => one.redirect_uri),
      post_logout_redirect_uris: both.map((one) => one.post_logout_redirect_uri),
    },
  });
  settings = { authority: issuer, client_id, scope, ...more };
  const context = await browser.newContext();
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

// Signs alice in on the page of the service that is shown.
async function signIn(page, decision = '#allow') {
  await page.fill('#username', 'alice');
  await page.fill('#password', PASSWORD);
  await page.click('#submit');
  if (decision) await page.click(decision);
}

const outcome = async (page) => (await page.waitForFunction('typeof outcome !== "undefined" && outcome')).evaluate(({ profile, ...rest }) => ({ profile, ...rest }));

// The app sends alice to the service and back: its user.
async function signedIn(page, decision) {
  await page.evaluate('void manager.signinRedirect()');
  await signIn(page, decision);
  const user = await outcome(page);
  assert.equal(user.profile?.sub, alice, JSON.stringify(user));
  return user;
}

const silently = (page) => page.evaluate('manager.signinSilent().catch((error) => ({ error: error.error ?? String(error) }))');

const closing = (flow) => async () => {
  try {
    await flow();
  } finally {
    await Promise.all(browser.contexts().map((context) => context.close()));
  }
};

const all = {
  async 'sign in'() {
    const user = await signedIn(await open(ELSEWHERE, { loadUserInfo: true }));
    assert.deepEqual([user.profile.name, user.profile.email], ['Alice Liddell', undefined]);
    assert.ok(user.id_token && user.refresh_token && user.access_token);
  },

  async refresh() {
    const page = await open(ELSEWHERE);
    const first = await signedIn(page);
    const second = await silently(page);
    assert.equal(second.profile?.sub, alice, JSON.stringify(second));
    assert.notEqual(second.access_token, first.access_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
  },

  async revocation() {
    const page = await open(ELSEWHERE);
    const { access_token } = await signedIn(page);
    const status = () => page.evaluate(async ([url, token]) =>
      (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status, [`${issuer}/userinfo`, access_token]);
    assert.equal(await status(), 200);
    await page.evaluate("manager.revokeTokens(['access_token', 'refresh_token'])");
    assert.equal(await status(), 401);
  },

  async logout() {
    const page = await open(ELSEWHERE);
    await signedIn(page);
    await page.evaluate('void manager.signoutRedirect()');
    await page.waitForURL(`${ELSEWHERE}/bye`);
    assert.equal((await outcome(page)).error, undefined);
    await page.evaluate('void manager.signinRedirect()');
    await page.waitForSelector('#password');
  },

  async 'a popup'() {
    const page = await open(ELSEWHERE);
    const opened = page.waitForEvent('popup');
    const coming = page.evaluate('manager.signinPopup()');
    const popup = await opened;
    await Promise.all([popup.waitForEvent('close'), signIn(popup)]);
    assert.equal((await coming).profile.sub, alice);
  },

  async 'a frame on the same site'() {
    const page = await open(SAME_SITE, { trust: 'first_party', scope: 'openid' });
    await signedIn(page, null);
    await page.evaluate('manager.removeUser()');
    const user = await silently(page);
    assert.equal(user.profile?.sub, alice, JSON.stringify(user));
  },

  async 'a frame on another site'() {
    const page = await open(ELSEWHERE, { trust: 'first_party', scope: 'openid' });
    await signedIn(page, null);
    await page.evaluate('manager.removeUser()');
    assert.deepEqual(await silently(page), { error: 'login_required' });
  },

  async 'a person who says no'() {
    const page = await open(ELSEWHERE);
    await page.evaluate('void manager.signinRedirect()');
    await signIn(page, '#deny');
    assert.equal((await outcome(page)).error, 'access_denied');
  },
};

await run(flows, Object.fromEntries(Object.entries(all).map(([name, flow]) => [name, closing(flow)])));
await browser.close();
server.close();
