// The programs of docs/frameworks.md.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';

let imported = 0;

// Imports the program in this language that begins with this line, after `changed` if that is needed to run it here.
export async function fromPage(language, firstLine, changed = (text) => text) {
  const page = await readFile(new URL('../../../docs/frameworks.md', import.meta.url), 'utf8');
  const fence = `\`\`\`${language}\n`;
  const block = page.split(fence).slice(1).find((text) => text.startsWith(firstLine));
  if (block === undefined) throw new Error(`docs/frameworks.md has no block that begins with ${firstLine}`);
  // It finds the libraries from here.
  const folder = new URL('../node_modules/.page/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = new URL(`${process.pid}-${imported += 1}.mjs`, folder);
  await writeFile(file, changed(block.slice(0, block.indexOf('\n```'))));
  return import(file).finally(() => rm(file));
}
