import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { eventually } from '@mysmtp/test-kit';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChromium } from '../kit/chromium.ts';
import { commonStack } from '../kit/common-stack.ts';
import { readMaildir } from '../kit/maildir.ts';

const { description } = commonStack();

let browser: Browser;
let axe: string;

beforeAll(async () => {
  browser = await startChromium();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});
afterAll(() => browser.close());

/** A page as narrow as WCAG 2.2 1.4.10 requires. */
const narrow = { width: 320, height: 640 };

const at = (path: string): string => `${description().api.privacy}${path}`;

/** Rules of WCAG 2.2 A and AA, and the best practices of axe. */
async function violations(page: Page): Promise<string[]> {
  // The policy of the page does not allow scripts; the protocol of the browser runs this one.
  await page.evaluate(axe);
  const results = await page.evaluate<AxeResults>('axe.run()');
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`,
  );
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Moves the focus by keyboard until it is at an element with this name and value. */
async function tabTo(page: Page, name: string, value?: string): Promise<void> {
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const [focused, text] = await page.evaluate<[string, string]>(
      '[document.activeElement.name || document.activeElement.type, document.activeElement.value]',
    );
    if (focused === name && (value === undefined || text === value)) return;
  }
  throw new Error(`The keyboard does not reach ${name}`);
}

const codeFor = (address: string): Promise<string> =>
  eventually(async () => {
    const mail = (await readMaildir(description().mx.maildir)).find(
      ({ deliveredTo }) => deliveredTo === address,
    );
    const text = Buffer.from(String(mail?.body), 'base64').toString();
    const [, code] = /code=([\w-]{22})/.exec(text) ?? [];
    if (code === undefined) throw new Error('No mail yet');
    return code;
  });

/** Walks the whole page as a person without a mouse, and returns the pages for which `look` was called. */
async function walk(page: Page, language: 'de' | 'en', look: () => Promise<void>): Promise<void> {
  const address = `page-${randomUUID()}@example.net`;
  await page.goto(at(`/v1/public/requests?language=${language}`));
  expect(await page.getAttribute('html', 'lang')).toBe(language);
  await look();
  await tabTo(page, 'address');
  await page.keyboard.type(address);
  await tabTo(page, 'kind');
  // From access to portability to erasure.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await tabTo(page, 'submit');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#code');
  await look();
  await page.goto(
    at(`/v1/public/requests/confirm?language=${language}&code=${await codeFor(address)}`),
  );
  await look();
  await tabTo(page, 'submit');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dl');
  await look();
  await tabTo(page, 'submit');
  await page.keyboard.press('Enter');
  await page.waitForURL(/status$/);
  expect(await page.textContent('main')).toContain(
    language === 'de' ? 'meine Daten löschen' : 'erase my data',
  );
  await look();
}

test('the public page works without scripts, at 320 px and by keyboard, in German and English', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: narrow });
  const page = await context.newPage();
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  for (const language of ['de', 'en'] as const) {
    await walk(page, language, async () => expect(await overflow(page)).toBe(0));
  }
  // It loads nothing of others, and no picture, font or script.
  expect(requested.filter((url) => !url.startsWith(at('/v1/public/requests')))).toEqual([]);
  await context.close();
});

test('axe finds nothing on the pages of a request, of a wrong code, and of the documents', async () => {
  const page = await browser.newPage({ viewport: narrow });
  await walk(page, 'de', async () => expect(await violations(page), page.url()).toEqual([]));
  await page.goto(at('/v1/public/requests/confirm?language=en'));
  await tabTo(page, 'code');
  await page.keyboard.type('x'.repeat(22));
  await page.keyboard.press('Enter');
  await page.waitForSelector('text=Not found');
  expect(await violations(page)).toEqual([]);
  for (const language of ['de', 'en']) {
    for (const document of ['notice', 'sub-processors', 'annexes', 'public/requests']) {
      await page.goto(at(`/v1/${document}?language=${language}`));
      expect(await violations(page), `${document} ${language}`).toEqual([]);
      expect(await overflow(page), `${document} ${language}`).toBe(0);
    }
  }
  await page.close();
}, 120_000);
