// Takes a picture of each hosted page into the job's `folder`, one folder a language: on a phone and on a desktop, in light
// and in dark.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { json } from './app.mjs';
import { address, code, mail } from './mailed.mjs';
import { NEW_PASSWORD, PASSWORD, fill, leave } from './scenarios.mjs';
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
const tours = job.parameters?.MailFrom ? [[true, mailed]] : [[true, interactive], [false, still]];
for (const language of LANGUAGES) {
  await mkdir(join(job.folder, language), { recursive: true });
  for (const [shape, options] of Object.entries(SHAPES)) {
    // Without scripts a form that an app gets is shown, and not sent at once.
    for (const [javaScriptEnabled, tour] of tours) {
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

// Where the service sends mails, and deleted accounts can be kept for a while.
async function mailed(page, picture, asked, username) {
  const { issuer } = job;
  const sent = (number, to = address(username)) => code(issuer, to, number);
  await page.setExtraHTTPHeaders({ 'accept-language': asked.ui_locales });
  await page.goto(app.login(asked));
  await page.click('#sign-up');
  await picture('sign-up-address');
  await fill(page, { username, email: address(username), password: PASSWORD });
  await page.waitForSelector('#code');
  await picture('code');
  await fill(page, { code: '0000-0000' });
  await picture('code-wrong');
  await fill(page, { code: await sent(1) });
  await page.waitForSelector('#allow');

  await page.goto(`${issuer}/password/forgot`);
  await picture('forgot');
  await fill(page, { username });
  await page.waitForSelector('#code');
  await picture('reset');
  await fill(page, { code: await sent(2), password: NEW_PASSWORD });
  await picture('reset-done');

  await page.goto(`${issuer}/account`);
  await fill(page, { username, password: NEW_PASSWORD });
  await leave(page, '#change-email');
  await picture('account-email');
  await fill(page, { email: address(`new-${username}`), password: NEW_PASSWORD });
  await page.waitForSelector('#code');
  await fill(page, { code: await sent(1, address(`new-${username}`)) });
  await picture('address-confirmed');
  await leave(page, '#account');
  await picture('account-address-changing');
  await page.goto((await mail(issuer, address(username), 4)).link);
  await picture('address-keep');
  await leave(page, '#submit');
  await picture('address-kept');

  await page.goto(`${issuer}/account/delete`);
  await picture('account-delete-later');
  await fill(page, { password: NEW_PASSWORD });
  await picture('account-leaving');
  await page.goto(`${issuer}/account`);
  await fill(page, { username, password: NEW_PASSWORD });
  await picture('sign-in-leaving');
}

async function still(page, picture, asked, username) {
  await page.goto(app.login({ response_mode: 'form_post', ...asked }));
  await fill(page, { username, password: PASSWORD });
  await page.click('#allow');
  await picture('form-post');
}
