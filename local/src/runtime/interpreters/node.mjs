// What Lambda's Node.js runtimes do, in small: fetch an event, call the handler, post what comes of it.

import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { env } = process;

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const url = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${path}`;
    const sent = request(url, { method }, async (answer) => {
      let text = '';
      for await (const piece of answer.setEncoding('utf8')) text += piece;
      resolve([answer.headers, text]);
    });
    sent.on('error', reject).end(body);
  });
}

async function report(path, error) {
  const told = { errorType: error?.name ?? 'Error', errorMessage: error?.message ?? String(error) };
  console.error(`${told.errorType}: ${told.errorMessage}`);
  await call('POST', path, JSON.stringify(told));
}

function context(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  };
}

async function load() {
  const [module, name] = env._HANDLER.split(/\.(?=[^.]*$)/);
  const files = ['mjs', 'js', 'cjs'].map((end) => join(env.LAMBDA_TASK_ROOT, `${module}.${end}`));
  const file = files.find(existsSync);
  if (!file) throw new Error(`there is no ${files[0]}`);
  const loaded = await import(pathToFileURL(file));
  const handler = loaded[name] ?? loaded.default?.[name];
  if (typeof handler !== 'function') throw new Error(`${file} exports no function ${name}`);
  return handler;
}

const handler = await load().catch(async (error) => {
  await report('init/error', error);
  process.exit(1);
});

for (;;) {
  const [headers, event] = await call('GET', 'invocation/next');
  const invocation = `invocation/${headers['lambda-runtime-aws-request-id']}`;
  try {
    const answer = await handler(JSON.parse(event), context(headers));
    await call('POST', `${invocation}/response`, JSON.stringify(answer ?? null));
  } catch (error) {
    await report(`${invocation}/error`, error);
  }
}
