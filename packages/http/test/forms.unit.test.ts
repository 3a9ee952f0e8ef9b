import type { ApiDefinition } from '@mysmtp/api';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openApi, problems, serve, type Api } from '../src/index.ts';

const definition = {
  sendForm: {
    method: 'post',
    path: '/v1/form',
    summary: 'A form',
    access: { public: true },
    form: true,
    page: true,
    body: z.strictObject({ name: z.string().max(10) }),
    replies: { 200: z.strictObject({ name: z.string() }) },
    errors: ['not-found'],
  },
} as const satisfies ApiDefinition;

let api: Api;

beforeAll(async () => {
  api = await openApi({
    service: 'privacy',
    address: '127.0.0.1',
    port: 0,
    internalPort: 0,
    routes: serve(definition)({
      sendForm: async ({ body: { name } }) => {
        if (name === 'nobody') throw problems.notFound();
        const page = { language: 'en', title: 'Hello', main: `<p>${name.length}</p>` };
        return { status: 200, body: { name }, page: { ...page, hasForm: true } };
      },
    }),
    tokens: () => undefined,
    callers: { verify: async () => undefined },
    log: createLogger('privacy', 'error', { write: () => undefined }),
    metrics: new Registry(),
  });
});
afterAll(() => api.close());

async function send(body: string | URLSearchParams, headers: Record<string, string>) {
  const url = `http://127.0.0.1:${String(api.port)}/v1/form`;
  const answer = await fetch(url, { method: 'POST', body, headers });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const browser = { accept: 'text/html,*/*;q=0.8' };

test('a route with a form takes JSON and the body of an HTML form, and answers with JSON or a page', async () => {
  const json = { 'content-type': 'application/json' };
  expect((await send('{"name":"Jörg"}', json)).text).toBe('{"name":"Jörg"}');
  expect((await send(new URLSearchParams({ name: 'Jörg & 1' }), {})).text).toBe(
    '{"name":"Jörg & 1"}',
  );
  const page = await send(new URLSearchParams({ name: 'Jörg' }), browser);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.text).toContain('<p>4</p>');
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
});

test('a problem is a page for a browser, without a form and without the input', async () => {
  const wrong = await send(new URLSearchParams({ name: '<b>too long a name</b>' }), browser);
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([
    400,
    'text/html; charset=utf-8',
  ]);
  expect(wrong.text).not.toContain('too long');
  expect(wrong.headers.get('content-security-policy')).toContain("form-action 'none'");
  const absent = await send(new URLSearchParams({ name: 'nobody' }), browser);
  expect([absent.status, absent.text]).toEqual([404, expect.stringContaining('Not found')]);
  const asJson = await send(new URLSearchParams({ name: 'nobody' }), {});
  expect(asJson.headers.get('content-type')).toContain('application/problem+json');
  // Unknown fields are refused as in JSON.
  const more = new URLSearchParams({ name: 'x', isAdmin: 'true' });
  expect((await send(more, {})).status).toBe(400);
});
