import { mkdir, rename } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { submitMail, sendMail, startMx, talkTo, type Mx } from './mx-process.ts';

let mx: Mx;
beforeAll(async () => {
  mx = await startMx({ MX_HINT: 'swaks --header "<b>" --to someone@example.net' });
});
afterAll(() => mx[Symbol.asyncDispose]());

const get = (where: string, headers: Record<string, string> = {}) =>
  fetch(mx.webUrl + where, { headers });
const page = async (where: string) => (await get(where)).text();

/** Sends a mail and resolves with the path of its page. */
async function arrive(content: string): Promise<string> {
  expect(await submitMail(mx.smtpPort, content)).toMatch(/^250/);
  const newest = (await mx.arrived()).at(-1);
  return `/messages/${encodeURIComponent(newest?.name ?? '')}`;
}

const multipart = (html: string) =>
  [
    'From: "<script>alert(1)</script>" <hello@example.org>',
    'To: someone@example.net',
    'Subject: =?utf-8?q?Caf=C3=A9_=3Cimg_src=3Dx_onerror=3Dalert=281=29=3E?=',
    'Date: Tue, 04 Mar 2025 10:00:00 +0000',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: multipart/related; boundary=c',
    '',
    '--c',
    'Content-Type: text/html; charset=utf-8',
    '',
    html,
    '--c',
    'Content-Type: image/png',
    'Content-ID: <logo@example.org>',
    'Content-Transfer-Encoding: base64',
    '',
    'iVBORw0KGgo=',
    '--c--',
    '--b',
    'Content-Type: text/html; name="../\u202egpj.exe"',
    'Content-Disposition: attachment; filename="../\u202egpj.exe"',
    '',
    '<script>alert(2)</script>',
    '--b--',
    '',
  ].join('\r\n');

test('the empty inbox shows how to send the first mail, escaped', async () => {
  const empty = await page('/');
  expect(empty).toContain('No mail yet');
  expect(empty).toContain('swaks --header &quot;&lt;b&gt;&quot; --to someone@example.net');
});

describe('a hostile mail', () => {
  let mail: string;
  beforeAll(async () => {
    mail = await arrive(
      multipart(
        '<script>alert(3)</script><img src="cid:logo@example.org"><img src="https://example.org/x">',
      ),
    );
  });

  test('is text in our pages, never markup', async () => {
    for (const where of [
      '/',
      mail,
      `${mail}?view=headers`,
      `${mail}?view=source`,
      `${mail}?view=text`,
    ]) {
      const text = await page(where);
      expect(text).toContain('Caf\u00e9 &lt;img src=x onerror=alert(1)&gt;');
      expect(text).not.toMatch(/<script(?! src="\/assets\/inbox\.js" type="module">)/);
      expect(text).not.toContain('<img');
    }
  });

  test('is framed without scripts, origin or remote content', async () => {
    expect(await page(mail)).toMatch(/<iframe[^>]* sandbox=""/);
    const framed = await get(`${mail}/html`);
    const policy = framed.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/(^|; )sandbox($|;)/);
    expect(policy).not.toContain('http');
    const text = await framed.text();
    expect(text).toMatch(/^<base target="_blank">/);
    expect(text).toContain('src="data:image/png;base64,iVBORw0KGgo="');
  });

  test('has attachments that are saved, whatever their declared type', async () => {
    const text = await page(mail);
    expect(text).toContain('2 attachments');
    expect(text).toContain('>_gpj.exe<');
    const saved = await get(`${mail}/attachments/1`);
    expect(saved.headers.get('content-type')).toBe('application/octet-stream');
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment; filename=_gpj\.exe/);
    expect(await saved.text()).toContain('<script>alert(2)</script>');
    for (const index of ['2', '-1', '1.5', 'x']) {
      expect((await get(`${mail}/attachments/${index}`)).status).toBe(404);
    }
  });

  test('is downloaded octet for octet', async () => {
    const source = await get(`${mail}/source`);
    expect(source.headers.get('content-type')).toMatch(/^message\/rfc822/);
    expect(source.headers.get('content-disposition')).toMatch(/^attachment; filename=\d+\.eml$/);
    const stored = (await mx.arrived()).at(-1);
    expect(Buffer.from(await source.arrayBuffer()).equals(stored?.content ?? Buffer.alloc(0))).toBe(
      true,
    );
  });

  test('that crashes the parser still has its source, and does not affect the list', async () => {
    let nested = '';
    for (let depth = 0; depth < 400; depth += 1) {
      nested += `Content-Type: multipart/mixed; boundary=b${String(depth)}\r\n\r\n--b${String(depth)}\r\n`;
    }
    const deep = await arrive(`Subject: deep\r\n${nested}`);
    const text = await page(deep);
    expect(text).toContain('cannot be taken apart');
    expect(text).toContain('boundary=b399');
    expect(await page('/')).toContain('Caf\u00e9');
  });
});

test('the list is newest first, in pages, and answers 304 until something arrives', async () => {
  using talk = await talkTo(mx.smtpPort);
  for (let index = 0; index < 60; index += 1) {
    await sendMail(talk, `Subject: number ${String(index)}.\r\n\r\n`);
  }
  const first = await get('/');
  const text = await first.text();
  expect(text.indexOf('number 59.')).toBeLessThan(text.indexOf('number 58.'));
  expect(text).not.toContain('number 9.');
  const older = /href="(\/\?before=[^"]+)"/.exec(text)?.[1] ?? '';
  expect(await page(older)).toContain('number 9.');
  const known = { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
  expect((await get('/', known)).status).toBe(304);
  await arrive('Subject: another\r\n\r\n');
  expect((await get('/', known)).status).toBe(200);
});

test('a mail that a mail client has moved is still there', async () => {
  const mail = await arrive('Subject: moved\r\n\r\n');
  const name = decodeURIComponent(path.basename(mail));
  await mkdir(path.join(mx.maildir, 'cur'), { recursive: true });
  await rename(path.join(mx.maildir, 'new', name), path.join(mx.maildir, 'cur', `${name}:2,S`));
  expect(await page(mail)).toContain('moved');
  expect(await page('/')).toContain('moved');
});

test('only mails can be requested, and only by their ids', async () => {
  for (const where of [
    '/messages/..%2f..%2fports.json',
    '/messages/x',
    '/assets/../app.ts',
    '/assets/%2e%2e/app.ts',
  ]) {
    expect((await get(where)).status).toBe(404);
  }
  const { port } = new URL(mx.webUrl);
  const status = await new Promise((resolve, reject) => {
    request({ port, headers: { host: 'rebound.example.org' } }, (response) =>
      resolve(response.statusCode),
    )
      .on('error', reject)
      .end();
  });
  expect(status).toBe(421);
});
