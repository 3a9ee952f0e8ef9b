import { generateKeyPair, exportJWK } from 'jose';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger } from '@mysmtp/log';
import { internalApis, type ServiceName } from '@mysmtp/contracts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  CallError,
  createServiceClient,
  hashToken,
  implement,
  openApi,
  openSignedCallerVerifier,
  openSignedCallTokens,
  owners,
  Problem,
  route,
  type Api,
} from '../src/index.ts';

let dir: string;
let api: Api;
let base: string;
const lines: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-http-'));
  const published = [];
  for (const service of ['ingress', 'logging', 'identity'] as const) {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    await writeFile(path.join(dir, service), JSON.stringify(await exportJWK(privateKey)));
    published.push({ ...(await exportJWK(publicKey)), kid: service, alg: 'EdDSA' });
  }
  await writeFile(path.join(dir, 'jwks'), JSON.stringify({ keys: published }));
  api = await openApi({
    service: 'privacy',
    address: '127.0.0.1',
    port: 0,
    metrics: new Registry(),
    log: createLogger('privacy', 'debug', { write: (line) => void lines.push(line) }),
    tokens: (hash) =>
      hash === hashToken('owner-token') ? { role: 'owner', tenant: 't1' } : undefined,
    callers: await openSignedCallerVerifier('privacy', path.join(dir, 'jwks')),
    routes: [
      route({
        method: 'post',
        path: '/v1/things/{id}',
        summary: 'A thing',
        access: owners,
        params: z.strictObject({ id: z.string().max(5) }),
        body: z.strictObject({ name: z.string() }),
        replies: { 201: z.strictObject({ tenant: z.string() }) },
        handle: async ({ params, caller }) => {
          if (params.id === 'bad') throw new Error('secret detail someone@example.org');
          if (params.id === 'gone') throw new Problem(410, 'gone', 'It is gone');
          return { status: 201, body: { tenant: caller.role === 'owner' ? caller.tenant : '' } };
        },
      }),
      implement(internalApis.resolveKeys, 'Keys', async ({ tenant }) => ({
        state: tenant === 't1' ? ('active' as const) : ('unknown' as const),
        keys: {},
        destroyed: [],
      })),
    ],
  });
  base = `http://127.0.0.1:${String(api.port)}`;
});

afterAll(async () => {
  await api.close();
  await rm(dir, { recursive: true });
});

const post = (url: string, body: string, token = 'owner-token') =>
  fetch(base + url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  });

const client = async (as: string, signedBy = as) =>
  createServiceClient({
    service: 'privacy',
    baseUrl: base,
    tokens: await openSignedCallTokens(as as ServiceName, path.join(dir, signedBy)),
  });

test('an owner is known by the hash of the token', async () => {
  const response = await post('/v1/things/a', '{"name":"x"}');
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ tenant: 't1' });
});

test('no token, a wrong token and a malformed one get the same 401', async () => {
  const answers = await Promise.all(
    ['wrong', '', 'a b'].map(async (token) => {
      const response = await post('/v1/things/a', '{"name":"x"}', token);
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
  const response = await post('/v1/things/a', body);
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(await response.json()).toMatchObject({ type: 'urn:mysmtp:problem:invalid-request' });
});

test('what goes wrong inside stays inside, in the answer and in the log (ASVS 16.5)', async () => {
  const response = await post('/v1/things/bad', '{"name":"x"}');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
  expect(lines.join('')).toContain('api.failed');
  expect(lines.join('')).not.toContain('example.org');
});

test('a problem that a handler names is the answer', async () => {
  const response = await post('/v1/things/gone', '{"name":"x"}');
  expect(response.status).toBe(410);
});

test('a service calls another with a signed token', async () => {
  const answer = await (await client('ingress')).call(internalApis.resolveKeys, { tenant: 't1' });
  expect(answer.state).toBe('active');
});

test("a token signed with another service's key proves nothing", async () => {
  const call = (await client('ingress', 'logging')).call(internalApis.resolveKeys, {
    tenant: 't1',
  });
  await expect(call).rejects.toThrow(new CallError('privacy', 401));
});

test("an owner's token does not open an internal route, nor a service's token an owner's", async () => {
  expect((await post(internalApis.resolveKeys.path, '{"tenant":"t1"}')).status).toBe(401);
  const token = await (
    await openSignedCallTokens('ingress', path.join(dir, 'ingress'))
  ).tokenFor('privacy');
  expect((await post('/v1/things/a', '{"name":"x"}', token)).status).toBe(401);
});

test('a service that is not among the callers is refused', async () => {
  const call = (await client('identity')).call(internalApis.activateTenant, { tenant: 't1' });
  await expect(call).rejects.toThrow(new CallError('privacy', 404));
});

test('the OpenAPI document names every route', async () => {
  const document: unknown = await (await fetch(`${base}/openapi.json`)).json();
  expect(document).toMatchObject({
    openapi: '3.1.0',
    paths: { '/v1/things/{id}': { post: { summary: 'A thing' } } },
  });
});
