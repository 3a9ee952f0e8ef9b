import { sessionPrefix } from '@mysmtp/contracts';
import type { Request } from 'express';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createRateLimiter } from '../src/rate-limiter.ts';
import { runApi } from './running-api.ts';

const rateLimits = { usual: 2, costly: 1, export: 1, 'sign-in': 1, unauthenticated: 2 };
const authorization = (token: string) => ({ authorization: `Bearer ${token}` });

test('a principal above the limit of a class gets the time to retry', async () => {
  await using api = await runApi({ rateLimits });
  const read = () => fetch(`${api.base}/v1/things/a`, { headers: authorization('owner-token') });
  const first = await read();
  expect(first.headers.get('ratelimit-policy')).toBe('"usual";q=2;w=60');
  expect(first.headers.get('ratelimit')).toMatch(/^"usual";r=1;t=\d+$/);
  const [second, third] = [await read(), await read()];
  expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
  expect(await third.json()).toMatchObject({ type: 'urn:mysmtp:problem:rate-limited' });
  expect(third.headers.get('ratelimit')).toMatch(/^"usual";r=0;t=\d+$/);
  const seconds = Number(third.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  // Another class counts by itself, and so does another principal.
  const costly = () => api.post('/v1/things/c', '{"name":"x"}');
  expect([(await costly()).status, (await costly()).status]).toEqual([201, 429]);
  expect((await api.post('/v1/things/search', '{}', 'operator-token')).status).toBe(200);
  expect(await api.metrics()).toContain('mysmtp_http_rate_limited_total{reason="usual"} 1');
});

test('all principals of a tenant together have the limit of the tenant; others do not have it', async () => {
  await using api = await runApi({
    accounts: (tenant) => (tenant === 't1' ? { status: 'active', requests: 2 } : undefined),
  });
  const search = (token: string) => api.post('/v1/things/search', '{}', token);
  expect((await search('owner-token')).status).toBe(200);
  expect((await search('owner-token')).status).toBe(200);
  const third = await search('owner-token');
  expect(third.status).toBe(429);
  expect(third.headers.get('ratelimit-policy')).toBe('"account";q=2;w=60');
  expect(third.headers.get('ratelimit')).toMatch(/^"account";r=0;t=\d+$/);
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await search('operator-token')).status).toBe(200);
  expect(await api.metrics()).toContain('mysmtp_http_rate_limited_total{reason="account"} 1');
});

test.each([
  ['suspended', 423],
  ['restricted', 451],
] as const)('a %s tenant may read and not write', async (status, code) => {
  await using api = await runApi({ accounts: () => ({ status, requests: 100 }) });
  const read = await fetch(`${api.base}/v1/things/a`, { headers: authorization('owner-token') });
  expect(read.status).toBe(200);
  const write = await api.post('/v1/things/a', '{"name":"x"}');
  expect(write.status).toBe(code);
  expect(await write.json()).toMatchObject({ type: `urn:mysmtp:problem:${status}` });
  expect((await api.post('/v1/things/search', '{}', 'operator-token')).status).toBe(200);
});

test('all keys and people of a tenant count together', async () => {
  await using api = await runApi({ accounts: () => ({ status: 'active', requests: 3 }) });
  const read = async (token: string) =>
    (await fetch(`${api.base}/v1/things/a`, { headers: authorization(token) })).status;
  const alice = `${sessionPrefix}alice`;
  const statuses = [await read('owner-token'), await read(alice), await read('owner-token')];
  expect(statuses).toEqual([200, 200, 200]);
  expect(await read(alice)).toBe(429);
  expect(await api.metrics()).toContain('mysmtp_http_rate_limited_total{reason="account"} 1');
});

test('clients without a token get 429 after some refusals, and holders of a token are not affected', async () => {
  await using api = await runApi({ rateLimits });
  const knock = async () => (await api.post('/v1/things/search', '{}', 'stranger')).status;
  expect([await knock(), await knock(), await knock()]).toEqual([401, 401, 429]);
  expect((await api.post('/v1/things/search', '{}')).status).toBe(200);
});

test('requests to routes for everybody are counted by address', async () => {
  await using api = await runApi({ rateLimits });
  const read = async () => (await fetch(`${api.base}/v1/public`)).status;
  expect([await read(), await read(), await read()]).toEqual([200, 200, 429]);
});

test('the addresses of one client network count together: a customer of a provider has a whole /64', async () => {
  const limiter = createRateLimiter(rateLimits, new Registry());
  const knock = (remoteAddress: string) =>
    limiter.countStranger({ socket: { remoteAddress }, headers: {} } as Request);
  await knock('2001:db8::1');
  await knock('2001:db8::2');
  await expect(knock('2001:db8::3')).rejects.toMatchObject({ status: 429 });
  await knock('2001:db8:0:1::1');
  await knock('::ffff:192.0.2.1');
  await knock('192.0.2.1');
  await expect(knock('192.0.2.1')).rejects.toMatchObject({ status: 429 });
  await knock('192.0.2.2');
});
