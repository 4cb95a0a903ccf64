// What must hold of every hosted page, whatever it says.

import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import assert from 'node:assert/strict';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// The narrowest page that WCAG 2.2 (1.4.10) asks for, in CSS pixels.
export const NARROWEST = 320;
// Smallest height of what is pressed or typed into, in CSS pixels.
const TOUCH = 44;

// Looks at a page once for each name, in both colour schemes and at two widths.
export class Looks {
  #seen = new Set();

  async at(page, name) {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `${name}, ${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: null });
    const own = page.viewportSize();
    for (const width of [own.width, NARROWEST]) {
      await page.setViewportSize({ width, height: own.height });
      await fits(page, `${name}, ${width} px`);
    }
    await page.setViewportSize(own);
  }

  get names() {
    return [...this.#seen];
  }
}

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

function accessible(page, name) {
  return readable(page, name, [...WCAG, 'best-practice']);
}

// A mail has no landmarks: its reader has.
export async function readable(page, name, rules = WCAG) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), rules);
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  assert.deepEqual(told, [], name);
  assert.ok(passes.length > 5, `${name}: axe looked at something`);
}

export async function fits(page, name) {
  const wrong = await page.evaluate(([touch, touched]) => {
    const width = document.documentElement.clientWidth;
    const visible = [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility());
    const beyond = visible.filter((element) => {
      const box = element.getBoundingClientRect();
      return box.left < -0.5 || box.right > width + 0.5;
    });
    const small = visible.filter((element) => element.matches(touched) && element.getBoundingClientRect().height < touch);
    const tag = (element) => element.outerHTML.slice(0, 80);
    return { scrolls: document.documentElement.scrollWidth > width, beyond: beyond.map(tag), small: small.map(tag) };
  }, [TOUCH, 'button, input:not([type=hidden]), a']);
  assert.deepEqual(wrong, { scrolls: false, beyond: [], small: [] }, name);
}

// Notes what a page should not do: break a policy, throw, load what is not there. `take` gives it and forgets it.
export function watch(page) {
  let complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  return { take: () => complaints.splice(0) };
}
