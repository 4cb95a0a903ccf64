// The browser, the app and the job: what the scenarios and the pictures have in common.
//
// Protocol with the Rust side: this process writes the app's address as a line of JSON to standard output, reads the job
// (`{issuer, client_id, …}`) as a line from standard input, and writes its results as the last line.

import { createInterface } from 'node:readline/promises';
import { chromium } from 'playwright-core';
import { startApp, json } from './app.mjs';
import { PASSWORD } from './scenarios.mjs';

// The languages of the pictures.
export const LANGUAGES = ['en', 'de', 'ar'];

export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
export const DESKTOP = { viewport: { width: 1280, height: 800 } };

export const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'];

export async function open() {
  const app = await startApp();
  process.stdout.write(`${JSON.stringify({ url: app.url })}\n`);
  const lines = createInterface({ input: process.stdin });
  const job = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
  Object.assign(app, { issuer: job.issuer, clientId: job.client_id });
  const browser = await chromium.launch({ executablePath: job.chromium, args: FLAGS });
  const register = (username, more = {}) => json(`${job.issuer}/register`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD, ...more }),
  });
  const close = async () => { await browser.close(); app.stop(); lines.close(); };
  return { app, browser, job, register, close };
}

export function report(results) {
  process.stdout.write(`${JSON.stringify(results)}\n`);
}
