import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { eventually } from '@mysmtp/test-kit';
import { strFromU8, unzipSync } from 'fflate';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChromium } from '../kit/chromium.ts';
import { call } from '../kit/api.ts';
import { commonStack } from '../kit/common-stack.ts';
import { newCustomer } from '../kit/customers.ts';
import { importRow } from '../kit/import-row.ts';
import { requestCode } from '../kit/request-code.ts';

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

const codeFor = (address: string) => requestCode(description(), address);

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

/** A customer that has one row about an address, and hands out copies. */
async function customerThatHandsOut(address: string): Promise<string> {
  const domain = `hands-out-${randomUUID().slice(0, 8)}.example`;
  const { ownerToken } = await newCustomer(description(), {
    name: 'Hands Out Ltd',
    domain,
    owner: `owner@${domain}`,
  });
  await importRow(description(), ownerToken, { sender: `shop@${domain}`, recipient: address });
  await eventually(async () => {
    const body = { mode: 'act_at_once', days: 7, disclosedAs: 'Hands Out Ltd' };
    const url = at('/v1/request-policy');
    expect((await call(url, ownerToken, { method: 'PUT', body })).status).toBe(204);
  });
  return domain;
}

/** Shows the state by the secret, from the first page. */
async function toStatus(page: Page, language: 'de' | 'en', secret: string): Promise<void> {
  await page.goto(at(`/v1/public/requests?language=${language}`));
  await tabTo(page, 'secret');
  await page.keyboard.type(secret);
  await page.keyboard.press('Enter');
  await page.waitForURL(/status$/);
}

test('whom we told of a restriction is shown on the page, without scripts, at 320 px; axe finds nothing', async () => {
  const address = `told-${randomUUID()}@example.net`;
  await customerThatHandsOut(address);
  const forms = at('/v1/public/requests');
  const asked = await call(forms, 'none', { body: { address, kind: 'restriction' } });
  expect(asked.status).toBe(202);
  const code = await codeFor(address);
  const { body } = await call(`${forms}/confirm`, 'none', { body: { code } });
  const { secret } = body as { secret: string };
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: narrow });
  const page = await context.newPage();
  await eventually(
    async () => {
      await toStatus(page, 'de', secret);
      expect(await page.textContent('main')).toContain(
        'Example Hosting GmbH: noch nicht benachrichtigt',
      );
    },
    { timeout: 60_000, every: 2_000 },
  );
  expect(await overflow(page)).toBe(0);
  await context.close();
  const withScripts = await browser.newPage({ viewport: narrow });
  for (const [language, said] of [
    ['de', 'nicht benachrichtigt: Beantwortet Fragen nach Domains'],
    ['en', 'not told: It answers questions about domains'],
  ] as const) {
    await toStatus(withScripts, language, secret);
    expect(await withScripts.textContent('main')).toContain(said);
    expect(await violations(withScripts), language).toEqual([]);
  }
  await withScripts.close();
});

test('the copy of the data is downloaded on the page, without scripts, at 320 px and by keyboard', async () => {
  const address = `copy-${randomUUID()}@example.net`;
  const domain = await customerThatHandsOut(address);
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: narrow });
  const page = await context.newPage();
  await page.goto(at('/v1/public/requests?language=de'));
  await tabTo(page, 'address');
  await page.keyboard.type(address);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#code');
  await page.goto(at(`/v1/public/requests/confirm?language=de&code=${await codeFor(address)}`));
  await tabTo(page, 'submit');
  await page.keyboard.press('Enter');
  const secret = await page.inputValue('input[name=secret]');
  await eventually(
    async () => {
      await toStatus(page, 'de', secret);
      expect(await page.textContent('main')).toContain('Kopie abrufen (Hands Out Ltd)');
    },
    { timeout: 60_000, every: 2_000 },
  );
  expect(await overflow(page)).toBe(0);
  await tabTo(page, 'submit');
  const downloads = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  const zip = await readFile(await (await downloads).path());
  const files = unzipSync(new Uint8Array(zip));
  expect(JSON.parse(strFromU8(files['export.json']!))).toMatchObject({
    address,
    masked: true,
    data: { 'logging.messages': [{ recipient: address, sender: `s***@${domain}` }] },
  });
  await context.close();

  const withScripts = await browser.newPage({ viewport: narrow });
  for (const language of ['de', 'en'] as const) {
    await toStatus(withScripts, language, secret);
    expect(await withScripts.$$('input[name=part]')).toHaveLength(1);
    expect(await violations(withScripts), language).toEqual([]);
  }
  await withScripts.close();
});
