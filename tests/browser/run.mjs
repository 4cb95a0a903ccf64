// Runs every scenario in Chromium and tells of each: `ok`, or what went wrong.

import { Looks, watch } from './checks.mjs';
import { mailed } from './mailed.mjs';
import { plain, scripted, unscripted } from './scenarios.mjs';
import { DESKTOP, PHONE, open, report } from './world.mjs';

const RUNS = {
  phone: { device: PHONE, scenarios: { ...plain, ...scripted }, looks: true },
  desktop: { device: DESKTOP, scenarios: { ...plain, ...scripted }, looks: true },
  'phone with mail': { device: PHONE, scenarios: mailed, looks: true },
  'desktop with mail': { device: DESKTOP, scenarios: mailed, looks: true },
  'mail without scripts': { device: { ...PHONE, javaScriptEnabled: false }, scenarios: mailed, looks: false },
  'without scripts': { device: { ...PHONE, javaScriptEnabled: false }, scenarios: { ...plain, ...unscripted }, looks: false },
};

const world = await open();
const run = RUNS[world.job.run];
const looks = run.looks ? new Looks() : { at: async () => {}, names: [] };
const verdicts = {};
let number = 0;
for (const [name, scenario] of Object.entries(run.scenarios)) {
  verdicts[name] = await verdict(scenario, `person-${number += 1}`);
}
await world.close();
report({ verdicts, looks: looks.names });

async function verdict(scenario, person) {
  const context = await world.browser.newContext({ ...run.device, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const watched = watch(page);
  try {
    await scenario({ ...world, issuer: world.job.issuer, page, looks, person, watched });
    const complaints = watched.take().filter((complaint) => !/status of (40[01359]|429)/.test(complaint));
    return complaints.length ? `the browser complains: ${complaints.join(' | ')}` : 'ok';
  } catch (error) {
    const shown = await page.textContent('body').catch(() => '');
    return `${error.stack ?? error}\nat ${page.url()}\nwhich shows: ${shown}`;
  } finally {
    await context.close();
  }
}
