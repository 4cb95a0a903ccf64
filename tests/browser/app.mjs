// An app that signs people in with Gatewright: the authorization code flow with PKCE, and nothing of ours but HTTP.

import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

// A scheme that the app has for itself on phones.
export const APP = 'com.example.notes';

const random = () => randomBytes(32).toString('base64url');
const escaped = (value) => String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Listens on `localhost`, which to a browser is another site than the issuer's 127.0.0.1.
export async function startApp() {
  const app = new App();
  await Promise.all([listen(app.server), listen(app.elsewhere)]);
  app.url = origin(app.server);
  app.landing = `${origin(app.elsewhere)}/landing`;
  return app;
}

class App {
  issuer = '';
  clientId = '';
  // By state: what the app keeps for itself while somebody is away.
  #under_way = new Map();
  // Whoever came back last: this app has one user at a time.
  tokens = null;

  server = createServer((request, response) => {
    this.#answer(request, response).catch((error) => page(response, 500, `<p id="error">${escaped(error.message)}</p>`));
  });

  // Another host of the same app.
  elsewhere = createServer((request, response) => page(response, 200, '<h1 id="landed">Landed</h1>'));

  stop() {
    this.server.close();
    this.elsewhere.close();
  }

  // Where a person goes to sign in; `more` are parameters of the request.
  login(more = {}) {
    return `${this.url}/login?${new URLSearchParams(more)}`;
  }

  async #answer(request, response) {
    const url = new URL(request.url, this.url);
    const parameters = request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams;
    switch (url.pathname) {
      case '/': return page(response, 200, this.#home());
      case '/login': return redirect(response, this.#request(parameters));
      case '/callback': return this.#back(request, response, parameters);
      case '/logout': return redirect(response, this.#logout());
      case '/opener': return page(response, 200, OPENER);
      case '/bye': return page(response, 200, '<h1 id="bye">Bye</h1>');
      default: return page(response, 404, '');
    }
  }

  #home() {
    const name = this.tokens?.person.name ?? this.tokens?.person.preferred_username;
    return name ? `<p>Hello, <b id="who">${escaped(name)}</b></p>` : '<a id="login" href="/login">Sign in</a>';
  }

  #request(parameters) {
    const { client_id = this.clientId, land, hop, popup, ...more } = Object.fromEntries(parameters);
    const [state, nonce, verifier] = [random(), random(), random()];
    this.#under_way.set(state, { nonce, verifier, client_id, land, hop, popup });
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    return `${this.issuer}/authorize?${new URLSearchParams({
      response_type: 'code', client_id, redirect_uri: `${this.url}/callback`, scope: 'openid profile', state, nonce,
      code_challenge: challenge, code_challenge_method: 'S256', ...more,
    })}`;
  }

  async #back(request, response, parameters) {
    const kept = this.#under_way.get(parameters.get('state'));
    if (!kept || parameters.get('iss') !== this.issuer) throw new Error('an answer that nobody asked for');
    this.#under_way.delete(parameters.get('state'));
    this.came_by = request.method;
    if (parameters.has('error')) return page(response, 200, `<p id="error">${escaped(parameters.get('error'))}</p>`);
    this.tokens = await this.#redeem(parameters.get('code'), kept);
    if (kept.popup) return page(response, 200, '<script>opener.postMessage("done", "*"); close();</script>');
    if (kept.hop) return redirect(response, `${APP}:/done`);
    return redirect(response, kept.land ? this.landing : '/');
  }

  async #redeem(code, { verifier, nonce, client_id }) {
    const tokens = await json(`${this.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code', code, client_id, redirect_uri: `${this.url}/callback`, code_verifier: verifier,
      }),
    });
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
    if (claims.nonce !== nonce || claims.aud !== client_id || claims.iss !== this.issuer) throw new Error('not our ID token');
    const person = await json(`${this.issuer}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    if (person.sub !== claims.sub) throw new Error('somebody else');
    return { ...tokens, person };
  }

  #logout() {
    const { id_token } = this.tokens;
    this.tokens = null;
    const back = { id_token_hint: id_token, post_logout_redirect_uri: `${this.url}/bye`, state: 'x' };
    return `${this.issuer}/end_session?${new URLSearchParams(back)}`;
  }
}

// Signs people in in a window of its own and waits for word from it.
const OPENER = `<button id="open">Sign in</button><p id="word"></p><script>
  document.querySelector('#open').onclick = () => open('/login?popup=1');
  onmessage = ({ data }) => { document.querySelector('#word').textContent = data; };
</script>`;

export async function json(url, options) {
  const answer = await fetch(url, options);
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).pathname}: ${answer.status} ${body}`);
  return JSON.parse(body);
}

const origin = (server) => `http://localhost:${server.address().port}`;
const listen = (server) => new Promise((done) => { server.listen(0, '127.0.0.1', done); });

function redirect(response, location) {
  response.writeHead(302, { location }).end();
}

function page(response, status, body) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html lang="en"><title>Notes</title><link rel="icon" href="data:,"><body>${body}`);
}
