import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNotes } from './one-page-service.ts';
import { startService } from './service.ts';

let service: Awaited<ReturnType<typeof startService>>;

beforeAll(async () => {
  service = await startService(['t1', 't2'], openNotes);
  // The projection is ready as soon as identity has answered.
  await eventually(async () => expect((await ask('t1', 'GET', '/v1/notes')).status).toBe(200));
});
afterAll(() => service.close());

async function ask(tenant: string, method: string, at: string, body?: unknown) {
  const response = await fetch(service.apiUrl + at, {
    method,
    headers: { authorization: `Bearer owner-of-${tenant}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as Note) };
}
interface Note {
  readonly id: string;
  readonly text: string;
}

test('a service of five routes and one consumer is one page', async () => {
  const page = await readFile(path.join(import.meta.dirname, 'one-page-service.ts'), 'utf8');
  expect(page.split('\n').length).toBeLessThan(130);

  const made = await ask('t1', 'POST', '/v1/notes', { text: 'Call back' });
  expect(made.status).toBe(201);
  const note = `/v1/notes/${made.body?.id ?? ''}`;
  expect(await ask('t1', 'GET', note)).toEqual({ status: 200, body: made.body });
  expect(await ask('t1', 'GET', '/v1/notes')).toEqual({
    status: 200,
    body: { ids: [made.body?.id] },
  });
  expect((await ask('t2', 'GET', note)).status).toBe(404);
  expect((await ask('t1', 'POST', '/v1/notes', { text: 7 })).status).toBe(400);
  expect((await ask('nobody', 'GET', note)).status).toBe(401);
  expect((await ask('t1', 'DELETE', note)).status).toBe(204);
  expect((await ask('t1', 'GET', note)).status).toBe(404);

  await service.publish({ v: 1, events: [service.delivered('t1')] });
  await eventually(async () =>
    expect(await ask('t1', 'GET', '/v1/mail')).toEqual({ status: 200, body: { count: 1 } }),
  );
  expect((await ask('t2', 'GET', '/v1/mail')).body).toEqual({ count: 0 });
});

test('the service takes part in erasures: after the fence nothing is written, and no data remains', async () => {
  expect((await ask('t2', 'POST', '/v1/notes', { text: 'Call back' })).status).toBe(201);
  const fence = await service.erasures.raise('t2');
  expect((await ask('t2', 'POST', '/v1/notes', { text: 'Once more' })).status).toBe(401);
  await service.erasures.command('purge', fence);
  const erased = await service.erasures.erased(fence, 2);
  expect(Object.fromEntries(erased)['logging.messages']).toBe(1);
});
