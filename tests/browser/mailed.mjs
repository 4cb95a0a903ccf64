// What people do where the service sends mails: the codes come from the inbox of the stand-in for SES. Deleted accounts can be
// kept for a week there.

import assert from 'node:assert/strict';
import { json } from './app.mjs';
import { NEW_PASSWORD, PASSWORD, described, fill, hasFocus, leave } from './scenarios.mjs';

// Mails to it have come back.
const BOUNCED = 'alice@people.example';

export const mailed = {
  async 'sign up with an address and the code of a mail'({ page, app, issuer, looks, person }) {
    await page.goto(app.login());
    await page.click('#sign-up');
    await looks.at(page, 'sign-up with an address');
    await fill(page, { username: person, email: address(person), password: PASSWORD });
    await page.waitForSelector('#code');
    await looks.at(page, 'code of a registration');
    await fill(page, { code: '0000-0000' });
    await looks.at(page, 'wrong code');
    assert.match(await described(page, '#code'), /wrong/);
    await fill(page, { code: await code(issuer, address(person), 1) });
    assert.equal(await page.textContent('#person'), person);
    await page.click('#allow');
    assert.equal(await page.textContent('#who'), person);
  },

  async 'set a forgotten password'({ page, app, issuer, looks, person }) {
    await proven(issuer, person);
    await page.goto(app.login());
    await leave(page, '#forgot');
    await looks.at(page, 'forgotten password');
    await fill(page, { username: address(person) });
    await page.waitForSelector('#code');
    await looks.at(page, 'code for a password');
    await fill(page, { code: await code(issuer, address(person), 2), password: NEW_PASSWORD });
    await looks.at(page, 'password reset');
    await leave(page, '#sign-in');
    await fill(page, { username: person, password: NEW_PASSWORD });
    await page.waitForSelector('#allow');
  },

  async 'change the address and cancel the change'({ page, issuer, looks, person }) {
    await proven(issuer, person);
    await enter(page, issuer, person);
    assert.equal(await page.textContent('#email'), address(person));
    await leave(page, '#change-email');
    await looks.at(page, 'account: address');
    await hasFocus(page, 'email');
    await fill(page, { email: 'alice@nowhere', password: PASSWORD });
    await looks.at(page, 'account: wrong address');
    assert.match(await described(page, '#email'), /alice@example.com/);
    await fill(page, { email: address(`${person}-new`), password: 'not the right one' });
    await looks.at(page, 'account: address with a wrong password');
    assert.match(await described(page, '#password'), /not your current password/);
    await hasFocus(page, 'password');
    await fill(page, { password: PASSWORD });
    await page.waitForSelector('#code');
    await fill(page, { code: await code(issuer, address(`${person}-new`), 1) });
    await looks.at(page, 'address confirmed');
    await leave(page, '#account');
    await looks.at(page, 'account with a change of address');
    assert.equal(await page.textContent('#next-email'), address(`${person}-new`));
    assert.match(await page.textContent('#effective-on'), /Takes effect on .* UTC/);
    await page.setExtraHTTPHeaders({ 'accept-language': 'ar' });
    await page.goto(`${issuer}/account`);
    await looks.at(page, 'account with a change of address in Arabic');
    await page.goto(`${issuer}/account/email`);
    await looks.at(page, 'account: address in Arabic');
    await page.setExtraHTTPHeaders({});
    await page.goto(`${issuer}/account`);
    await leave(page, '#keep-email');
    assert.equal(await page.locator('#next-email').count(), 0);
    assert.equal(await page.textContent('#email'), address(person));
  },

  async 'keep the address with the link of the mail'({ page, issuer, looks, person }) {
    await proven(issuer, person);
    await enter(page, issuer, person);
    await leave(page, '#change-email');
    await fill(page, { email: address(`${person}-new`), password: PASSWORD });
    await page.waitForSelector('#code');
    await fill(page, { code: await code(issuer, address(`${person}-new`), 1) });
    await page.waitForSelector('#account');
    await page.goto((await mail(issuer, address(person), 2)).link);
    await looks.at(page, 'keep the address');
    await leave(page, '#submit');
    await looks.at(page, 'address kept');
    await leave(page, '#account');
    assert.equal(await page.locator('#next-email').count(), 0);
  },

  async 'be told that mails come back'({ page, app, issuer, looks, person }) {
    await proven(issuer, person, BOUNCED);
    await page.goto(app.login());
    await fill(page, { username: person, password: PASSWORD });
    await looks.at(page, 'mails come back');
    assert.equal(await page.textContent('#email'), BOUNCED);
    await leave(page, '#continue');
    await page.waitForSelector('#allow');
    await page.goto(`${issuer}/account`);
    await looks.at(page, 'account whose mails come back');
    await leave(page, '#change-email');
    await page.waitForSelector('#present');
  },

  async 'delete the account and keep it'({ page, issuer, looks, person }) {
    await proven(issuer, person);
    await enter(page, issuer, person);
    await leave(page, '#delete');
    await looks.at(page, 'account: deletion with a time to return');
    await fill(page, { password: PASSWORD });
    await page.waitForSelector('h1:text("will be deleted")');
    await looks.at(page, 'account about to be deleted');
    await page.goto(`${issuer}/account`);
    await fill(page, { username: person, password: PASSWORD });
    await looks.at(page, 'sign-in to an account about to be deleted');
    assert.match(await page.textContent('[role=alert]'), /about to be deleted/);
    await hasFocus(page, 'password');
    await fill(page, { password: PASSWORD });
    await page.waitForSelector('#devices');
  },
};

export const address = (person) => `${person}@people.example`;

// Signs in on the way to the account page.
async function enter(page, issuer, username) {
  await page.goto(`${issuer}/account`);
  await fill(page, { username, password: PASSWORD });
  await page.waitForSelector('#devices');
}

// Somebody who has proven an address.
async function proven(issuer, username, email = address(username)) {
  const post = (path, body) => fetch(`${issuer}${path}`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  const { length } = (await inbox(issuer)).filter(({ to }) => to[0] === email);
  const { handle } = await (await post('/register', { username, email, password: PASSWORD })).json();
  const answer = await post('/email/verify', { handle, code: await code(issuer, email, length + 1) });
  assert.equal(answer.status, 204);
}

const inbox = (issuer) => json(`${issuer}/_local/mail`, { headers: { accept: 'application/json' } });

// The mail to an address with this number, counted from 1, as soon as it has arrived.
export async function mail(issuer, to, number) {
  for (let patience = 400; patience > 0; patience -= 1) {
    const mails = (await inbox(issuer)).filter((mail) => mail.to[0] === to).reverse();
    if (mails.length >= number) return mails[number - 1];
    await new Promise((done) => { setTimeout(done, 100); });
  }
  throw new Error(`mail ${number} to ${to} has not arrived`);
}

export async function code(issuer, to, number) {
  return (await mail(issuer, to, number)).text.match(/[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/)[0];
}
