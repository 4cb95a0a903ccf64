// Takes a picture of each hosted page into the job's `folder`, one folder a language: on a phone and on a desktop, in light
// and in dark.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { json } from './app.mjs';
import { PASSWORD, fill } from './scenarios.mjs';
import { DESKTOP, LANGUAGES, PHONE, open, report } from './world.mjs';

const SHAPES = {
  phone: { ...PHONE, viewport: { width: 390, height: 720 }, deviceScaleFactor: 1 },
  desktop: { ...DESKTOP, viewport: { width: 860, height: 720 } },
};

const world = await open();
const { app, job } = world;
const redirect_uris = [`${app.url}/callback`];
const stranger = await json(`${job.issuer}/clients`, {
  method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ client_name: 'Free Notes', redirect_uris, token_endpoint_auth_method: 'none' }),
});
const taken = [];
for (const language of LANGUAGES) {
  await mkdir(join(job.folder, language), { recursive: true });
  for (const [shape, options] of Object.entries(SHAPES)) {
    // Without scripts a form that an app gets is shown, and not sent at once.
    for (const javaScriptEnabled of [true, false]) {
      const context = await world.browser.newContext({ ...options, javaScriptEnabled, reducedMotion: 'reduce' });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      const picture = async (name) => {
        await page.waitForLoadState('load');
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme });
          const file = join(language, `${name}-${shape}-${colorScheme}.png`);
          await page.screenshot({ path: join(job.folder, file), fullPage: true });
          taken.push(file);
        }
      };
      const tour = javaScriptEnabled ? interactive : still;
      await tour(page, picture, { ui_locales: language }, `alice-${language}-${shape}`);
      await context.close();
    }
  }
}
await world.close();
report({ taken });

async function interactive(page, picture, asked, username) {
  await page.goto(app.login(asked));
  await picture('sign-in');
  await page.click('#sign-up');
  await picture('sign-up');
  await fill(page, { username: 'alice@home', name: 'Alice Liddell', password: 'password password' });
  await picture('sign-up-wrong');
  await fill(page, { username, password: PASSWORD });
  await picture('consent');
  await page.click('#allow');
  await page.waitForSelector('#who');
  await page.goto(app.login({ prompt: 'select_account', ...asked }));
  await picture('choose');
  await page.goto(app.login({ client_id: stranger.client_id, ...asked }));
  await picture('consent-unverified');
  await page.setExtraHTTPHeaders({ 'accept-language': asked.ui_locales });
  for (const name of ['account', 'account/name', 'account/password', 'account/delete']) {
    await page.goto(`${job.issuer}/${name}`);
    await picture(name.replace('/', '-'));
  }
  await page.setExtraHTTPHeaders({});
  await page.goto(`${job.issuer}/end_session?${new URLSearchParams({ client_id: job.client_id, ...asked })}`);
  await picture('sign-out');
  await page.click('#sign-out');
  await picture('signed-out');
  await page.goto(app.login(asked));
  await fill(page, { username, password: 'a lantern on the south pier' });
  await picture('sign-in-wrong');
  await fill(page, { username: 'alice@example.com', password: PASSWORD });
  await picture('sign-in-address');
  await page.fill('#username', `nobody-${username}`);
  for (let guess = 0; guess < 11; guess += 1) await fill(page, { password: `guess ${guess}` });
  await picture('sign-in-throttled');
  await page.setExtraHTTPHeaders({ 'accept-language': asked.ui_locales });
  await page.goto(`${job.issuer}/sign-in?request=long-gone`);
  await picture('error');
  await page.goto(`${job.issuer}/authorize?client_id=nobody`);
  await picture('error-of-an-app');
  await page.goto(job.issuer);
  await picture('home');
}

async function still(page, picture, asked, username) {
  await page.goto(app.login({ response_mode: 'form_post', ...asked }));
  await fill(page, { username, password: PASSWORD });
  await page.click('#allow');
  await picture('form-post');
}
