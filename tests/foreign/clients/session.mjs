// A client's end of the line to `stage.rs`, which runs the service and plays the person.

import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// An app that exists only as addresses: nobody listens there, the browser stops when it is sent there.
export const CALLBACK = 'https://app.example/callback';
export const BYE = 'https://app.example/bye';
// Resources of the service, and a scope of each.
export const NOTES = { resource: 'https://notes.example/api', scope: 'notes:read' };
export const TASKS = { resource: 'https://tasks.example/api', scope: 'tasks' };
// Everything that a person is asked for.
export const SCOPE = 'openid profile email offline_access';

// The running service: `{issuer, algorithm, alice, password, flows}`. `wanted` may hold parameters and the content of a seed file.
export const start = (wanted = {}) => ask({ ask: 'service', ...wanted });

// Has an operator create an app with this metadata besides what every app here has.
export async function register(metadata = {}) {
  const client = {
    client_name: 'App', redirect_uris: [CALLBACK], post_logout_redirect_uris: [BYE],
    grant_types: ['authorization_code', 'refresh_token'], scope: `${SCOPE} ${NOTES.scope} ${TASKS.scope}`, ...metadata,
  };
  return order({ action: 'create', client });
}

// Has an operator order something of the clients function.
export async function order(order) {
  const done = await ask({ ask: 'operator', order });
  if (done.refused) throw new Error(done.refused);
  return done;
}

// Sends alice to an address, in a browser of this name or in a new one: where she ends up, `{url, form, status, text}`.
// With `app`, a URL of an app that answers, she may end up at a page of it. With `form` she posts these fields.
export const browse = (url, { browser = '', decision = 'allow', app = '', form } = {}) =>
  ask({ ask: 'browse', url: String(url), browser, decision, app, form: form && Object.entries(form) });

// Does the wanted ones of these flows, and tells of each how it went.
export async function run(wanted, flows) {
  const verdicts = {};
  for (const name of wanted) {
    verdicts[name] = await Promise.resolve().then(flows[name]).then(() => 'ok', told);
  }
  process.stdout.write(`${JSON.stringify({ ask: 'report', verdicts })}\n`);
  process.stdin.destroy();
}

async function ask(question) {
  process.stdout.write(`${JSON.stringify(question)}\n`);
  return JSON.parse((await lines.next()).value);
}

function told(error) {
  const { stack, cause } = error;
  return cause === undefined ? String(stack) : `${stack}\n  because of ${cause?.stack ?? JSON.stringify(cause)}`;
}
