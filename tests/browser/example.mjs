// The browser app of examples/browser-app, from sign-in to sign-out, as docs/clients.md shows it. It is served from an origin of
// its own, so this also shows that a script of another origin may call what it needs.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { PASSWORD, fill } from './scenarios.mjs';
import { DESKTOP, open, report } from './world.mjs';

const world = await open();
const html = await readFile(new URL('../../examples/browser-app/index.html', import.meta.url));
const server = createServer((request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html));
await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
const { issuer, example_client_id } = world.job;

await world.register('alice');
const page = await (await world.browser.newContext(DESKTOP)).newPage();
await page.goto(`http://localhost:${server.address().port}/?${new URLSearchParams({ issuer, client_id: example_client_id })}`);
await says('You are signed out.');
await page.click('#sign-in');
await fill(page, { username: 'alice', password: PASSWORD });
await page.click('#allow');
await says('Hello, alice.');

const first = await page.evaluate(() => sessionStorage.refresh_token);
await page.click('#refresh');
await page.waitForFunction((first) => sessionStorage.refresh_token !== first, first);
await says('Hello, alice.');

await page.click('#sign-out');
await says('You are signed out.');
await page.click('#sign-in');
await page.waitForSelector('#password');
assert.ok(page.url().startsWith(issuer), 'the service has signed the browser out, too');

server.close();
await world.close();
report({ done: true });

function says(text) {
  return page.waitForFunction((text) => document.querySelector('#status')?.textContent === text, text);
}
