import type { Happening, SecurityLog } from '@mysmtp/security-log';
import { beforeEach, expect, test } from 'vitest';
import { runApi } from './running-api.ts';

/** In order: what the audit chain got. */
let seen: (Happening & { readonly awaited: boolean })[];
let isReady: boolean;

const securityLog: SecurityLog = {
  record: async (what) => void seen.push({ ...what, awaited: true }),
  note: (what) => void seen.push({ ...what, awaited: false }),
  isReady: () => isReady,
};

beforeEach(() => {
  seen = [];
  isReady = true;
});

const owner = { kind: 'token', id: 'token-of-t1' };
const operator = { kind: 'operator', id: 'token-of-alice' };

test('an act is in the audit chain before it is answered, with actor, object and address', async () => {
  await using api = await runApi({ securityLog });
  expect((await api.post('/v1/things/a', '{"name":"x"}')).status).toBe(201);
  expect(seen).toEqual([
    {
      type: 'act',
      tenant: 't1',
      actor: owner,
      outcome: 'ok',
      object: 'a',
      operation: 'createThing',
      ticket: null,
      address: '127.0.0.1',
      awaited: true,
    },
  ]);
});

test('what a handler says replaces the general act', async () => {
  await using api = await runApi({ securityLog });
  await api.post('/v1/things/role', '{"name":"x"}');
  expect(seen).toMatchObject([
    { type: 'role_changed', reason: 'raised', actor: owner, operation: 'createThing' },
  ]);
});

test('an own reading is not reported, and an operator who sees data of a tenant is, with the access', async () => {
  await using api = await runApi({ securityLog });
  await api.raw('GET', '/v1/things/a');
  await api.raw('GET', '/v1/public');
  expect(seen).toEqual([]);
  await api.post('/v1/things/search', '{}', 'operator-token');
  expect(seen).toMatchObject([
    { type: 'act', tenant: 't1', actor: operator, ticket: 'access', awaited: true },
  ]);
});

test('refusals are reported with their reason, and none of them is in the answer', async () => {
  await using api = await runApi({ securityLog });
  const foreign = await api.post('/v1/things/alien', '{"name":"x"}');
  expect(await foreign.text()).not.toContain('foreign');
  await api.post('/v1/things/a', '{"name":"x"}', 'operator-token');
  await api.post('/v1/things/a', '{"name":"x"}', 'guessed');
  expect(seen.map(({ type, reason, actor, outcome }) => [type, reason, actor.id, outcome])).toEqual(
    [
      ['request_refused', 'foreign', 'token-of-t1', 'refused'],
      ['request_refused', 'permission', 'token-of-alice', 'refused'],
      ['request_refused', 'token', null, 'refused'],
    ],
  );
});

test('who is refused again and again is reported once a minute', async () => {
  await using api = await runApi({ securityLog });
  for (let count = 0; count < 20; count += 1) {
    await api.post('/v1/things/a', '{"name":"x"}', `guess-${String(count)}`);
  }
  expect(seen.map(({ type }) => type)).toEqual(['request_refused']);
});

test('a limit of requests that is exceeded is reported', async () => {
  const rateLimits = { usual: 1, costly: 1, 'sign-in': 1, unauthenticated: 1, export: 1 };
  await using api = await runApi({ securityLog, rateLimits });
  await api.raw('GET', '/v1/things/a');
  await api.raw('GET', '/v1/things/a');
  expect(seen).toMatchObject([{ type: 'rate_limited', actor: owner, operation: 'readThing' }]);
});

test('while nothing can be reported, nothing is changed, and everything can be read', async () => {
  await using api = await runApi({ securityLog });
  isReady = false;
  expect((await api.post('/v1/things/a', '{"name":"x"}')).status).toBe(503);
  expect((await api.raw('GET', '/v1/things/a')).status).toBe(200);
  expect(seen).toEqual([]);
  // A revocation does not depend on the broker.
  expect((await api.raw('DELETE', '/v1/things/a')).status).toBe(204);
  expect(seen).toMatchObject([{ type: 'act', operation: 'deleteThing' }]);
});

test('an act whose report fails after it was done is answered, and reported later', async () => {
  const record = async () => Promise.reject(new Error('The broker is away'));
  await using api = await runApi({ securityLog: { ...securityLog, record } });
  expect((await api.post('/v1/things/a', '{"name":"x"}')).status).toBe(201);
  expect(seen).toMatchObject([{ type: 'act', awaited: false }]);
});

test('an act that fails unexpectedly is reported as failed', async () => {
  await using api = await runApi({ securityLog });
  await api.post('/v1/things/bad', '{"name":"x"}');
  expect(seen).toMatchObject([{ type: 'act', outcome: 'failed', object: 'bad' }]);
});
