// Takes a picture of each hosted page into the job's `folder`: on a phone in light, on a desktop in dark.

import { join } from 'node:path';
import { json } from './app.mjs';
import { PASSWORD, fill } from './scenarios.mjs';
import { DESKTOP, PHONE, open, report } from './world.mjs';

const SHAPES = {
  phone: { ...PHONE, viewport: { width: 390, height: 720 }, deviceScaleFactor: 1.5, colorScheme: 'light' },
  desktop: { ...DESKTOP, viewport: { width: 960, height: 720 }, colorScheme: 'dark' },
};

const world = await open();
const { app, job } = world;
const redirect_uris = [`${app.url}/callback`];
const stranger = await json(`${job.issuer}/clients`, {
  method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ client_name: 'Free Notes', redirect_uris, token_endpoint_auth_method: 'none' }),
});
const taken = [];
for (const [shape, options] of Object.entries(SHAPES)) {
  const context = await world.browser.newContext({ ...options, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const picture = async (name) => {
    const file = `${name}-${shape}.png`;
    await page.waitForLoadState('load');
    await page.screenshot({ path: join(job.folder, file), fullPage: true });
    taken.push(file);
  };
  await tour(page, picture, shape === 'phone' ? 'alice' : 'alice.liddell');
  await context.close();
}
await world.close();
report({ taken });

async function tour(page, picture, username) {
  await page.goto(app.login());
  await picture('sign-in');
  await page.click('#sign-up');
  await picture('sign-up');
  await fill(page, { username: 'alice@home', name: 'Alice Liddell', password: 'password password' });
  await picture('sign-up-wrong');
  await fill(page, { username, password: PASSWORD });
  await picture('consent');
  await page.goto(app.login({ client_id: stranger.client_id }));
  await picture('consent-unverified');
  await page.goto(`${job.issuer}/end_session`);
  await picture('sign-out');
  await page.click('#sign-out');
  await picture('signed-out');
  await page.goto(app.login());
  await fill(page, { username, password: 'a lantern on the south pier' });
  await picture('sign-in-wrong');
  await page.goto(`${job.issuer}/sign-in?request=long-gone`);
  await picture('error');
}
