import { internalApis, sessionPrefix } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { CallError } from '../src/index.ts';
import { newerKeyDays, runApi, wrongKeyDays, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api[Symbol.asyncDispose]());

test('an owner is identified by the hash of the token', async () => {
  const response = await api.post('/v1/things/a', '{"name":"x"}');
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ tenant: 't1' });
});

test('no token, a wrong token and a malformed one get the same 401', async () => {
  const answers = await Promise.all(
    ['wrong', '', 'a b'].map(async (token) => {
      const response = await api.post('/v1/things/a', '{"name":"x"}', token);
      return [response.status, await response.text()];
    }),
  );
  expect(new Set(answers.map(String)).size).toBe(1);
  expect(answers[0]?.[0]).toBe(401);
});

test.each([
  '{"name":{"$gt":""}}',
  '{"name":"x","__proto__":{"a":1}}',
  '{"name":"x","more":1}',
  '{',
  '[]',
])('a body that the schema does not know is refused: %s (ASVS 1.2.4, 15.3.3)', async (body) => {
  const response = await api.post('/v1/things/a', body);
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(await response.json()).toMatchObject({ type: 'urn:mysmtp:problem:invalid-request' });
});

test('details of an internal error are neither in the answer nor in the log (ASVS 16.5)', async () => {
  const response = await api.post('/v1/things/bad', '{"name":"x"}');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
  expect(api.lines.join('')).toContain('api.failed');
  expect(api.lines.join('')).not.toContain('example.org');
});

test('a problem that a handler names is the answer', async () => {
  const response = await api.post('/v1/things/gone', '{"name":"x"}');
  expect(response.status).toBe(410);
});

test.each([
  ['dead', 404, 'Not found'],
  ['stale', 503, 'The list of tenants under erasure is temporarily unavailable'],
  ['keys', 503, 'Encryption keys are temporarily unavailable'],
])('a tenant that is unavailable (%s) is answered with %i', async (id, status, words) => {
  const response = await api.post(`/v1/things/${id}`, '{"name":"x"}');
  expect(response.status).toBe(status);
  const text = await response.text();
  expect(text).toContain(words);
  expect(text).not.toContain('Not in the answer');
});

test('with the check of replies, a reply or a problem that the definition does not allow is an internal error', async () => {
  const before = api.lines.length;
  const odd = await api.post('/v1/things/odd', '{"name":"x"}');
  const taken = await api.post('/v1/things/taken', '{"name":"x"}');
  expect([odd.status, taken.status]).toEqual([500, 500]);
  expect(await odd.json()).toMatchObject({
    detail: expect.stringContaining('tenant invalid_type'),
  });
  expect(await taken.json()).toMatchObject({ detail: expect.stringContaining('problem conflict') });
  const faults = api.lines.slice(before).filter((line) => line.includes('ReplyMismatch'));
  expect(faults).toHaveLength(2);
});

test('without the check they are sent as they are', async () => {
  await using unchecked = await runApi({ checkReplies: false });
  const odd = await unchecked.post('/v1/things/odd', '{"name":"x"}');
  const taken = await unchecked.post('/v1/things/taken', '{"name":"x"}');
  expect([odd.status, taken.status]).toEqual([201, 409]);
});

test('a service calls another with a signed token', async () => {
  const answer = await (
    await api.client('ingress')
  ).call(internalApis.resolveKeys, { jws: 'a.b.c' });
  expect(answer.jws).toBe('a.b.c');
});

test('a service accepts an unknown field of a newer caller, and a caller drops an unknown field of a newer service', async () => {
  const client = await api.client('ingress');
  const { resolveKeys, keyDays } = internalApis;
  const newer = { ...resolveKeys, request: resolveKeys.request.extend({ reason: z.string() }) };
  const answer = await client.call(newer, { jws: 'a.b.c', reason: 'of tomorrow' });
  expect(answer.jws).toBe('a.b.c');
  expect(await client.call({ ...keyDays, path: newerKeyDays.path }, {})).toEqual({
    mail: 7,
    events: 8,
  });
});

test('a request or a reply outside the contract is refused', async () => {
  const client = await api.client('ingress');
  const request = { jws: 'a.b.c', owner: 'jane' };
  await expect(client.call(internalApis.resolveKeys, request)).rejects.toThrow(z.ZodError);
  await expect(client.call(wrongKeyDays, {})).rejects.toThrow(new CallError('privacy', 500));
  expect(api.lines.join('')).not.toContain('jane');
});

test('every request of an operator is logged with the id of the token, also a refused one', async () => {
  expect((await api.post('/v1/things/search', '{}', 'operator-token')).status).toBe(200);
  expect((await api.post('/v1/things/search', '{"x":1}', 'operator-token')).status).toBe(400);
  expect((await api.post('/v1/things/a', '{"name":"x"}', 'operator-token')).status).toBe(404);
  expect((await api.post('/v1/things/search', '{}')).status).toBe(200);
  await eventually(() => {
    const acts = api.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event === 'operator.acted');
    expect(acts).toMatchObject(
      [200, 400, 404].map((status) => ({
        level: 'info',
        actor: 'token:token-of-alice',
        token: 'token-of-alice',
        method: 'post',
        route: status === 404 ? '/v1/things/{id}' : '/v1/things/search',
        status,
      })),
    );
  });
  expect(api.lines.join('')).not.toContain('operator-token');
});

test('a refusal looks like a thing that is not there, and is logged and counted', async () => {
  const absent = await api.post('/v1/things/lost', '{"name":"x"}');
  const refused = await api.post('/v1/things/lost', '{"name":"x"}', 'operator-token');
  expect(refused.status).toBe(404);
  expect(await refused.text()).toBe(await absent.text());
  const line = api.lines.find((one) => one.includes('"event":"access.refused"')) ?? '';
  expect(JSON.parse(line)).toMatchObject({
    level: 'warn',
    actor: 'token:token-of-alice',
    method: 'post',
    route: '/v1/things/{id}',
    reason: 'permission',
  });
  expect(await api.metrics()).toMatch(/^mysmtp_http_refused_total\{reason="permission"\} \d/m);
});

test('a thing of another tenant looks like one that is not there, and is logged and counted', async () => {
  const absent = await api.post('/v1/things/lost', '{"name":"x"}');
  const foreign = await api.post('/v1/things/alien', '{"name":"x"}');
  expect([foreign.status, await foreign.text()]).toEqual([404, await absent.text()]);
  const lines = api.lines.filter((one) => one.includes('"event":"access.foreign"'));
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'warn', tenant: 't1', method: 'post', route: '/v1/things/{id}', reason: 'foreign' },
  ]);
  expect(await api.metrics()).toMatch(/^mysmtp_http_refused_total\{reason="foreign"\} 1/m);
});

test('only a missing second factor is told to a person', async () => {
  const headers = { authorization: `Bearer ${sessionPrefix}alice` };
  const refused = await fetch(`${api.base}/v1/things/a`, { method: 'DELETE', headers });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    type: 'urn:mysmtp:problem:fresh-factor-required',
  });
  expect((await fetch(`${api.base}/v1/things/a`, { headers })).status).toBe(200);
});

test('calls of services are counted by caller, also refused ones', async () => {
  await (await api.client('ingress')).call(internalApis.resolveKeys, { jws: 'a.b.c' });
  const refused = (await api.client('identity')).call(internalApis.keyDays, {});
  await expect(refused).rejects.toThrow(new CallError('privacy', 403));
  const counts = (await api.metrics())
    .split('\n')
    .filter((line) => line.startsWith('mysmtp_internal_requests_total{'));
  const labels = (caller: string, route: string, status: number) =>
    `mysmtp_internal_requests_total{caller="${caller}",route="${route}",status="${String(status)}"} `;
  for (const line of [
    labels('ingress', internalApis.resolveKeys.path, 200),
    labels('identity', internalApis.keyDays.path, 403),
  ]) {
    expect(counts.filter((count) => count.startsWith(line))).toHaveLength(1);
  }
});

test("a token signed with another service's key is refused", async () => {
  const call = (await api.client('ingress', 'logging')).call(internalApis.resolveKeys, {
    jws: 'a.b.c',
  });
  await expect(call).rejects.toThrow(new CallError('privacy', 401));
});

test("an owner's token does not open an internal route, nor a service's token an owner's", async () => {
  const headers = ['Content-Type: application/json', 'Content-Length: 15'];
  const internal = internalApis.resolveKeys.path;
  expect((await api.rawInternal('POST', internal, headers, '{"tenant":"t1"}')).status).toBe(401);
  const token = await (await api.tokens('ingress')).tokenFor('privacy');
  expect((await api.post('/v1/things/a', '{"name":"x"}', token)).status).toBe(401);
});

test('a service that is not among the callers is refused', async () => {
  const call = (await api.client('identity')).call(internalApis.activateTenant, { tenant: 't1' });
  await expect(call).rejects.toThrow(new CallError('privacy', 404));
});

test('the OpenAPI document names every route that is not between services, with its body', async () => {
  const { openapi, paths } = (await (await fetch(`${api.base}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, Record<string, { summary: string; requestBody?: object }>>;
  };
  expect(openapi).toBe('3.1.0');
  expect(Object.keys(paths).sort()).toEqual([
    '/v1/export',
    '/v1/public',
    '/v1/things/search',
    '/v1/things/{id}',
  ]);
  const content = { 'application/json': { schema: { type: 'object' } } };
  const { post, get } = paths['/v1/things/{id}'] ?? {};
  expect(post).toMatchObject({ summary: 'A thing', requestBody: { required: true, content } });
  expect(get).not.toHaveProperty('requestBody');
  expect(paths['/v1/things/search']).toMatchObject({
    post: { requestBody: { required: true, content } },
  });
});

test('a refusal repeats no name of a field that the caller sent', async () => {
  for (const body of [
    '{"name":"x","jane@example.org":1}',
    '{"name":"x","a":1,"jane@example.org":2}',
  ]) {
    const answer = await (await api.post('/v1/things/a', body)).text();
    expect(answer).toContain('There is an unknown field');
    expect(answer).not.toContain('jane');
  }
  expect(await (await fetch(`${api.base}/v1/things/a?jane=1`)).text()).not.toContain('jane');
});
