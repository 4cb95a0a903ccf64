// What people do, and what others try to do to them. Each scenario has a browser of its own that has never been here.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { APP, json } from './app.mjs';

export const PASSWORD = 'a lantern on the north pier';
export const NEW_PASSWORD = 'a foghorn on the south pier';

// Everything here works with scripts switched off; the scenarios of `scripted` need the browser's own help.
export const plain = {
  async 'sign up, agree, be back at the app'({ page, app, looks, person }) {
    await page.goto(app.url);
    await page.click('#login');
    await looks.at(page, 'sign-in');
    await page.click('#sign-up');
    await looks.at(page, 'sign-up');
    await fill(page, { username: person, name: 'Alice Liddell', password: PASSWORD });
    await looks.at(page, 'consent');
    assert.match(await page.textContent('h1'), /Notes/);
    assert.equal(await page.textContent('#person'), 'Alice Liddell');
    await page.click('#allow');
    assert.equal(await page.textContent('#who'), 'Alice Liddell');
    assert.equal(new URL(page.url()).origin, app.url);
  },

  async 'sign in after a wrong password'({ page, app, looks, person, register }) {
    await register(person);
    await page.goto(app.login());
    await fill(page, { username: person, password: 'a lantern on the south pier' });
    await looks.at(page, 'sign-in with a wrong password');
    assert.match(await page.textContent('[role=alert]'), /not correct/);
    assert.deepEqual([await page.inputValue('#username'), await page.inputValue('#password')], [person, '']);
    await hasFocus(page, 'password');
    await fill(page, { password: PASSWORD });
    await page.click('#allow');
    await page.waitForSelector('#who');
  },

  async 'mend what is wrong with a new account'({ page, app, looks, person, register }) {
    await register(person);
    await page.goto(app.login());
    await page.click('#sign-up');
    await fill(page, { username: 'not@allowed', name: 'Alice', password: 'password password' });
    await looks.at(page, 'sign-up with wrong fields');
    await hasFocus(page, 'username');
    assert.match(await described(page, '#username'), /@/);
    assert.equal(await page.inputValue('#name'), 'Alice');
    await fill(page, { username: person, password: PASSWORD });
    assert.match(await described(page, '#username'), /Choose another/);
    await fill(page, { username: `${person}-2`, password: PASSWORD });
    assert.equal(await page.textContent('#person'), 'Alice');
  },

  async 'say no'({ page, app, person, register }) {
    await register(person);
    await page.goto(app.login());
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#deny');
    assert.equal(await page.textContent('#error'), 'access_denied');
  },

  async 'stay signed in until signing out in the app'({ page, app, person, register }) {
    await register(person);
    await page.goto(app.login());
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#allow');
    await page.waitForSelector('#who');
    await page.goto(app.login());
    assert.match(page.url(), /\/consent\?/, 'nobody asks for a password again');
    await page.click('#allow');
    await page.goto(`${app.url}/logout`);
    await page.waitForSelector('#bye');
    await page.goto(app.login());
    await page.waitForSelector('#password');
  },

  async 'sign out without an app'({ page, app, issuer, looks, person, register }) {
    await register(person);
    await page.goto(app.login());
    await fill(page, { username: person, password: PASSWORD });
    await page.waitForSelector('#allow'); // leaving a page that is on its way would abort it
    await page.goto(`${issuer}/end_session`);
    await looks.at(page, 'sign-out');
    await leave(page, '#stay');
    await page.goto(app.login());
    assert.match(page.url(), /\/consent\?/, 'still signed in');
    await page.goto(`${issuer}/end_session`);
    await leave(page, '#sign-out');
    await looks.at(page, 'signed-out');
    await page.goto(app.login());
    await page.waitForSelector('#password');
  },

  async 'be somebody else'({ page, app, person, register }) {
    await register(person);
    await register(`${person}-2`);
    await page.goto(app.login());
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#switch');
    await fill(page, { username: `${person}-2`, password: PASSWORD });
    assert.equal(await page.textContent('#person'), `${person}-2`);
  },

  async 'choose who to be'({ page, app, looks, person, register }) {
    await register(person, { name: 'Alice Liddell' });
    await page.goto(app.login());
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#allow');
    await page.waitForSelector('#who');
    await page.goto(app.login({ prompt: 'select_account' }));
    await looks.at(page, 'choose');
    assert.match(await page.textContent('#continue'), /Alice Liddell/);
    await page.click('#continue');
    await page.click('#allow');
    await page.waitForSelector('#who');
    await page.goto(app.login({ prompt: 'select_account' }));
    await page.click('#switch');
    await page.waitForSelector('#password');
  },

  async 'be warned of an app that nobody vouches for'({ page, app, issuer, looks, person, register }) {
    const client_name = 'Notes <b>for</b> everybody whose-name-has-no-end-and-no-place-to-break-it';
    const client = { client_name, redirect_uris: [`${app.url}/callback`], token_endpoint_auth_method: 'none' };
    const { client_id } = await json(`${issuer}/clients`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(client),
    });
    await register(person);
    await page.goto(app.login({ client_id }));
    await fill(page, { username: person, password: PASSWORD });
    await looks.at(page, 'consent for an unverified app');
    assert.ok((await page.textContent('h1')).includes(client_name), 'markup in a name is text');
    assert.match(await page.textContent('#unverified'), new RegExp(new URL(app.url).host));
  },

  async 'come back to an app that sends people on to another host'({ page, app, person, register }) {
    await register(person);
    await page.goto(app.login({ land: 1 }));
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#allow');
    await page.waitForSelector('#landed');
    assert.equal(page.url(), app.landing);
  },

  async 'come back to an app that goes on to a scheme of its own'({ page, app, person, register, watched }) {
    await register(person);
    await page.goto(app.login({ hop: 1 }));
    await fill(page, { username: person, password: PASSWORD });
    const [gone] = await Promise.all([page.waitForRequest((request) => request.url().startsWith(`${APP}:`)), page.click('#allow')]);
    assert.equal(gone.url(), `${APP}:/done`);
    // Nobody on this machine has the scheme: the browser stays where it is.
    const complaints = watched.take().filter((complaint) => !/ERR_ABORTED/.test(complaint));
    assert.deepEqual(complaints, [], 'no policy of ours stands in the way');
  },

  async 'read every page from right to left'({ page, app, issuer, looks, person, register }) {
    const arabic = async (name) => {
      const { lang, dir } = await page.evaluate(() => ({ lang: document.documentElement.lang, dir: getComputedStyle(document.body).direction }));
      assert.deepEqual({ lang, dir }, { lang: 'ar', dir: 'rtl' }, name);
      await looks.at(page, `${name} in Arabic`);
    };
    await register(person);
    await page.goto(app.login({ ui_locales: 'ar-EG' }));
    await arabic('sign-in');
    await page.click('#sign-up');
    await fill(page, { username: 'not@allowed', name: 'Alice', password: 'password password' });
    await arabic('sign-up with wrong fields');
    await page.click('#sign-in');
    await fill(page, { username: person, password: 'a lantern on the south pier' });
    await arabic('sign-in with a wrong password');
    await fill(page, { password: PASSWORD });
    await page.waitForSelector('#allow');
    await arabic('consent');
    await page.setExtraHTTPHeaders({ 'accept-language': 'ar' });
    await page.goto(`${issuer}/account`);
    await arabic('account');
    await page.goto(`${issuer}/account/password`);
    await arabic('account: password');
    await page.goto(`${issuer}/account/delete`);
    await arabic('account: deletion');
    await page.setExtraHTTPHeaders({});
    await page.goto(`${issuer}/end_session?ui_locales=ar`);
    await arabic('sign-out');
    await leave(page, '#sign-out');
    await arabic('signed-out');
    await page.goto(`${issuer}/?ui_locales=ar`);
    await arabic('home');
  },

  async 'look after the account'({ page, app, issuer, looks, person, register, watched }) {
    await register(person);
    await page.goto(app.login());
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#allow');
    await page.waitForSelector('#who');
    await page.goto(`${issuer}/account`);
    await looks.at(page, 'account');
    assert.match(await page.textContent('#apps'), /Notes/);
    await leave(page, '#apps button');
    await page.waitForSelector('#no-apps');
    await leave(page, '#change-name');
    await looks.at(page, 'account: name');
    await fill(page, { name: 'Alice Liddell' });
    assert.equal(await page.textContent('#name'), 'Alice Liddell');
    await leave(page, '#change-password');
    await fill(page, { current_password: 'not the right one', password: NEW_PASSWORD });
    await looks.at(page, 'account: password');
    assert.match(await described(page, '#current_password'), /not your current password/);
    await hasFocus(page, 'current_password');
    await fill(page, { current_password: PASSWORD, password: NEW_PASSWORD });
    await page.waitForSelector('#password-changed');
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('#export')]);
    assert.equal(file.suggestedFilename(), 'account.json');
    const complaints = watched.take().filter((complaint) => !/ERR_ABORTED|status of 40[01]/.test(complaint));
    assert.deepEqual(complaints, [], 'the browser stays on the page, which it calls aborted');
    await leave(page, '#sign-out-everywhere');
    assert.match(await page.textContent('h1'), /signed out/);
    await page.goto(`${issuer}/account`);
    await fill(page, { username: person, password: NEW_PASSWORD });
    await page.waitForSelector('#devices');
  },

  async 'delete the account'({ page, issuer, looks, person, register }) {
    await register(person);
    await page.goto(`${issuer}/account`);
    await fill(page, { username: person, password: PASSWORD });
    await page.waitForSelector('#devices');
    await leave(page, '#delete');
    await looks.at(page, 'account: deletion');
    await fill(page, { password: 'not the right one' });
    assert.match(await described(page, '#password'), /not your current password/);
    await fill(page, { password: PASSWORD });
    await page.waitForSelector('h1:text("deleted")');
    await looks.at(page, 'account deleted');
    await page.goto(`${issuer}/account`);
    await fill(page, { username: person, password: PASSWORD });
    assert.match(await page.textContent('[role=alert]'), /not correct/);
    await register(person);
  },

  async 'find the service by its address'({ page, issuer, looks }) {
    await page.goto(issuer);
    await looks.at(page, 'home');
    assert.equal(await page.textContent('#issuer'), issuer);
    const answer = await page.goto(`${issuer}/login`);
    assert.equal(answer.status(), 405);
    assert.match(await page.textContent('h1'), /not found/);
  },

  async 'be told to wait, and that an address is no username'({ page, app, looks, person, register }) {
    await register(person);
    await page.goto(app.login());
    await fill(page, { username: `${person}@example.com`, password: PASSWORD });
    await looks.at(page, 'sign-in with an address');
    await hasFocus(page, 'username');
    assert.match(await described(page, '#username'), /not an e-mail address/);
    await page.fill('#username', person);
    for (let guess = 0; guess < 11; guess += 1) await fill(page, { password: `guess ${guess}` });
    await looks.at(page, 'sign-in after too many attempts');
    assert.match(await page.textContent('[role=alert]'), /Too many attempts/);
    assert.equal(await page.locator('[aria-invalid]').count(), 0, 'no field is called wrong');
  },

  async 'be told when it is too late'({ page, app, looks, person, register }) {
    await register(person);
    await page.goto(app.login());
    const address = page.url().replace('/sign-in?', '/authorize?');
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#allow');
    await page.waitForSelector('#who');
    const answer = await page.goto(address);
    assert.equal(answer.status(), 400);
    await looks.at(page, 'error');
    assert.match(await page.textContent('h1'), /expired/);
  },

  async 'read what an app got wrong'({ page, issuer, looks }) {
    const answer = await page.goto(`${issuer}/authorize?client_id=nobody&redirect_uri=https%3A%2F%2Fevil.example`);
    assert.equal(answer.status(), 400);
    await looks.at(page, 'error of an app');
    assert.match(await page.textContent('main'), /client_id/);
  },
};

export const scripted = {
  async 'see how long a new password is, and that Caps Lock is on'({ page, app, looks }) {
    await page.goto(app.login());
    await page.click('#sign-up');
    await page.focus('#password');
    await page.keyboard.type('a lantern');
    assert.equal(await page.textContent('.count'), '9/15');
    await page.keyboard.type(' on the pier');
    assert.ok(await page.locator('.count.enough').isVisible());
    assert.ok(await page.locator('.caps').isHidden());
    await page.evaluate(() => {
      const event = new KeyboardEvent('keydown', { key: 'A', modifierCapsLock: true });
      document.querySelector('#password').dispatchEvent(event);
    });
    assert.match(await page.textContent('.caps:not([hidden])'), /Caps Lock/);
    await looks.at(page, 'sign-up with Caps Lock on');
  },

  async 'press a button twice and send one form'({ page, app, looks, person, register }) {
    await register(person);
    await page.goto(app.login());
    const press = () => page.evaluate(() => {
      const button = document.querySelector('#submit');
      button.click();
      button.click();
      return button.ariaBusy;
    });
    await page.evaluate(() => addEventListener('submit', (event) => event.preventDefault(), { once: true }));
    await page.fill('#username', person);
    await page.fill('#password', PASSWORD);
    assert.equal(await press(), 'true');
    await looks.at(page, 'sign-in under way');

    await page.reload();
    await page.fill('#username', person);
    await page.fill('#password', PASSWORD);
    let sent = 0;
    page.on('request', (request) => { sent += Number(request.method() === 'POST'); });
    assert.equal(await press(), 'true');
    await page.waitForSelector('#allow');
    assert.equal(sent, 1);
  },

  async 'be sent back by a form'({ page, app, person, register }) {
    await register(person);
    await page.goto(app.login({ response_mode: 'form_post' }));
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#allow');
    await page.waitForSelector('#who');
    assert.equal(app.came_by, 'POST');
  },

  async 'sign in in a window of its own'({ page, app, person, register }) {
    await register(person);
    await page.goto(`${app.url}/opener`);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#open')]);
    await fill(popup, { username: person, password: PASSWORD });
    await Promise.all([popup.waitForEvent('close'), popup.click('#allow')]);
    await page.waitForSelector('#word:text("done")');
  },

  async 'see the password while typing it'({ page, app, looks, person, register }) {
    await register(person);
    await page.goto(app.login());
    await page.fill('#username', person);
    await page.fill('#password', PASSWORD);
    const button = page.getByRole('button', { name: 'Show password' });
    await button.click();
    assert.equal(await page.getAttribute('#password', 'type'), 'text');
    await hasFocus(page, 'password');
    await looks.at(page, 'sign-in with the password shown');
    await page.getByRole('button', { name: 'Hide password' }).click();
    assert.equal(await page.getAttribute('#password', 'type'), 'password');
  },

  async 'go through the form by keyboard'({ page, app, person, register }) {
    await register(person);
    await page.goto(app.login());
    await hasFocus(page, 'username');
    const order = ['username'];
    for (let press = 0; press < 4; press += 1) {
      await page.keyboard.press('Tab');
      order.push(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent));
      assert.ok(await ringed(page), `${order.at(-1)} shows that it has the focus`);
    }
    assert.deepEqual(order, ['username', 'password', 'Show', 'submit', 'sign-up']);
    await page.focus('#username');
    await page.keyboard.type(person);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#allow');
  },

  async 'be stopped by the browser before a password that is too short is sent'({ page, app, person }) {
    await page.goto(app.login());
    await page.click('#sign-up');
    const address = page.url();
    await page.fill('#username', person);
    await page.locator('#password').pressSequentially('too short');
    await page.click('#submit');
    assert.equal(await page.evaluate(() => document.querySelector('#password').validity.tooShort), true);
    assert.equal(page.url(), address);
  },

  async 'never be signed in by another site, nor framed by it'({ page, app, issuer, person, register, watched }) {
    await register(person);
    await page.goto(app.login());
    const [address, token] = [page.url(), await page.inputValue('[name=csrf]')];
    // It knows everything that is on the page, and still cannot send the form.
    const evil = await site(`
      <form id="form" method="post" action="${address}"><input name="csrf" value="${token}">
      <input name="username" value="${person}"><input name="password" value="${PASSWORD}"><button id="go">Go</button></form>
      <iframe id="frame" src="${address}"></iframe>`);
    try {
      await page.goto(evil.url);
      assert.ok(!page.frames()[1] || !page.frames()[1].url().startsWith(issuer), 'nobody frames a page');
      await page.click('#go');
      assert.match(await page.textContent('h1'), /expired/);
      await page.goto(app.login());
      await page.waitForSelector('#password');
    } finally {
      evil.stop();
      watched.take();
    }
  },
};

export const unscripted = {
  async 'be sent back by a form, with a press of its button'({ page, app, looks, person, register }) {
    await register(person);
    await page.goto(app.login({ response_mode: 'form_post' }));
    await fill(page, { username: person, password: PASSWORD });
    await page.click('#allow');
    await looks.at(page, 'form-post');
    await page.click('#continue');
    await page.waitForSelector('#who');
    assert.equal(app.came_by, 'POST');
  },
};

export async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
  await page.click('#submit');
}

// Presses a button that leads to another page, and waits for that page: going somewhere else before would abort the request.
export async function leave(page, button) {
  await Promise.all([page.waitForNavigation(), page.click(button)]);
}

// A browser gives a page's own wish for the focus its time.
export const hasFocus = (page, id) => page.waitForSelector(`#${id}:focus`);

// The text that a screen reader tells with a field.
export async function described(page, field) {
  const ids = (await page.getAttribute(field, 'aria-describedby')).split(' ');
  return (await Promise.all(ids.map((id) => page.textContent(`#${id}`)))).join(' ');
}

function ringed(page) {
  return page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  });
}

async function site(body) {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Evil</title>${body}`);
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  return { url: `http://localhost:${server.address().port}/`, stop: () => server.close() };
}
