// Renders every mail in the inbox as a phone does, in light and in dark, and looks for what must not be: a mail that is wider than
// the phone, or that cannot be read. With the job's `folder`, it takes a picture of each mail in the languages of the screenshots.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { json } from './app.mjs';
import { NARROWEST, fits, readable } from './checks.mjs';
import { LANGUAGES, PHONE, open, report } from './world.mjs';

const world = await open();
const { issuer, folder, count } = world.job;
const widths = [PHONE.viewport.width, NARROWEST];
const seen = [];
const taken = [];
for (const { to, html } of await arrived()) {
  const [kind, language] = to[0].split('@')[0].split('.');
  const context = await world.browser.newContext({ ...PHONE, deviceScaleFactor: 1, javaScriptEnabled: true });
  const page = await context.newPage();
  await page.setContent(html);
  assert.equal(await page.evaluate(() => document.documentElement.lang), language);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await readable(page, `${kind} in ${language}, ${colorScheme}`);
    for (const width of widths) {
      await page.setViewportSize({ width, height: PHONE.viewport.height });
      await fits(page, `${kind} in ${language}, ${width} px`);
    }
    await page.setViewportSize({ ...PHONE.viewport, height: 200 }); // the picture is as high as the mail
    if (folder && LANGUAGES.includes(language)) await picture(page, join(language, `mail-${kind}-phone-${colorScheme}.png`));
  }
  await context.close();
  seen.push(`${kind} ${language}`);
}
await world.close();
report({ seen, taken });

async function picture(page, file) {
  await mkdir(join(folder, file, '..'), { recursive: true });
  await page.screenshot({ path: join(folder, file), fullPage: true });
  taken.push(file);
}

// The mails, as soon as all of them are there.
async function arrived() {
  for (let patience = 600; patience > 0; patience -= 1) {
    const mails = await json(`${issuer}/_local/mail`, { headers: { accept: 'application/json' } });
    if (mails.length === count) return mails;
    await new Promise((done) => { setTimeout(done, 100); });
  }
  throw new Error(`${count} mails have not arrived`);
}
