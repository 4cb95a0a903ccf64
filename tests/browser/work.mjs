// Signs up where the service asks for a proof of work.

import assert from 'node:assert/strict';
import { PASSWORD, fill } from './scenarios.mjs';
import { PHONE, open, report } from './world.mjs';

const world = await open();
const page = await (await world.browser.newContext(PHONE)).newPage();
await page.goto(world.app.login());
await page.click('#sign-up');
assert.equal(await page.inputValue('[name=work]'), '');
await fill(page, { username: 'alice', password: 'password password' });
await page.waitForSelector('#password-problem');
await fill(page, { username: 'alice', password: PASSWORD });
await page.click('#allow');
await page.waitForSelector('#who');

await world.close();
report({ done: true });
