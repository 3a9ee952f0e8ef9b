import { generateKeyPair, exportJWK } from 'jose';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { createLogger } from '@mysmtp/log';
import { internalApis, type ServiceName } from '@mysmtp/contracts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  CallError,
  createServiceClient,
  everybody,
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
      // As the usage log and identity have it: everything in the body is optional.
      route({
        method: 'post',
        path: '/v1/things/search',
        summary: 'Things',
        access: owners,
        body: z.strictObject({ name: z.string().optional() }),
        replies: { 200: z.strictObject({ name: z.string() }) },
        handle: async ({ body }) => ({ body: { name: body.name ?? 'all of them' } }),
      }),
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
      route({
        method: 'get',
        path: '/v1/things/{id}',
        summary: 'A thing',
        access: owners,
        params: z.strictObject({ id: z.string() }),
        replies: { 200: z.strictObject({ id: z.string() }) },
        handle: async ({ params }) => ({ body: { id: params.id } }),
      }),
      route({
        method: 'delete',
        path: '/v1/things/{id}',
        summary: 'No thing any more',
        access: owners,
        params: z.strictObject({ id: z.string() }),
        replies: { 204: null },
        handle: async () => ({ status: 204 }),
      }),
      route({
        method: 'get',
        path: '/v1/public',
        summary: 'What everybody may read',
        access: everybody,
        replies: { 200: z.strictObject({}) },
        handle: async () => ({ body: {} }),
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

test('the OpenAPI document names every route that is not between services, with its body', async () => {
  const { openapi, paths } = (await (await fetch(`${base}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, Record<string, { summary: string; requestBody?: object }>>;
  };
  expect(openapi).toBe('3.1.0');
  expect(Object.keys(paths).sort()).toEqual(['/v1/public', '/v1/things/search', '/v1/things/{id}']);
  const content = { 'application/json': { schema: { type: 'object' } } };
  const { post, get } = paths['/v1/things/{id}'] ?? {};
  expect(post).toMatchObject({ summary: 'A thing', requestBody: { required: true, content } });
  expect(get).not.toHaveProperty('requestBody');
  expect(paths['/v1/things/search']).toMatchObject({
    post: { requestBody: { required: false, content } },
  });
});

/** Sends a request as an owner, with nothing that `fetch` would add. */
async function raw(
  method: string,
  target: string,
  headers: string[] = [],
  body: string | Buffer = '',
) {
  const socket = connect(api.port, '127.0.0.1');
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    'Authorization: Bearer owner-token',
    ...headers,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  socket.write(body);
  const [head = '', answer = ''] = (await text(socket)).split('\r\n\r\n');
  const [status, ...fields] = head.split('\r\n');
  return {
    status: Number(status?.split(' ')[1]),
    headers: new Headers(
      fields.map((field) => [
        field.slice(0, field.indexOf(':')),
        field.slice(field.indexOf(':') + 1),
      ]),
    ),
    body: answer,
  };
}

/** Whatever is refused is refused in one form (RFC 9457). */
async function refused(answer: ReturnType<typeof raw>) {
  const { status, headers, body } = await answer;
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringMatching(/^urn:mysmtp:/) });
  return { status, headers, body };
}

const json = '{"name":"x"}';
const length = (body: string | Buffer) => `Content-Length: ${String(body.length)}`;

test.each([
  ['none', []],
  ['of a form', ['Content-Type: application/x-www-form-urlencoded']],
  ['of text', ['Content-Type: text/plain']],
  ['of XML', ['Content-Type: text/xml']],
  ['of other JSON', ['Content-Type: application/ld+json']],
  ['that is none', ['Content-Type: json']],
  ['empty', ['Content-Type: ']],
  ['with latin1', ['Content-Type: application/json; charset=latin1']],
  ['with UTF-16', ['Content-Type: application/json; charset="utf-16"']],
  ['with UTF-7', ['Content-Type: application/json; charset=utf-7']],
  [
    'and an unknown Content-Encoding',
    ['Content-Type: application/json', 'Content-Encoding: rot13'],
  ],
  ['and two encodings', ['Content-Type: application/json', 'Content-Encoding: gzip, gzip']],
])('a body with a Content-Type %s is refused, not ignored: 415', async (_, headers) => {
  for (const path of ['/v1/things/search', '/v1/things/a']) {
    const { status } = await refused(raw('POST', path, [...headers, length(json)], json));
    expect(status).toBe(415);
    const chunked = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
    const inChunks = [...headers, 'Transfer-Encoding: chunked'];
    expect((await refused(raw('POST', path, inChunks, chunked))).status).toBe(415);
  }
});

test('a refusal with 415 says what is supported (RFC 9110 15.5.16)', async () => {
  const type = await raw('POST', '/v1/things/a', [length(json)], json);
  expect(type.headers.get('accept')).toBe('application/json');
  const headers = ['Content-Type: application/json', 'Content-Encoding: rot13', length(json)];
  const encoding = await raw('POST', '/v1/things/a', headers, json);
  expect(encoding.headers.get('accept-encoding')).toBe('br, deflate, gzip, identity');
});

test.each([
  'application/json',
  'Application/JSON;charset=UTF-8',
  'application/json; charset="utf-8"',
])('JSON is taken: %s', async (type) => {
  const headers = [`Content-Type: ${type}`, length(json)];
  const { status, body } = await raw('POST', '/v1/things/search', headers, json);
  expect([status, body]).toEqual([200, json]);
  const zipped = gzipSync(json);
  const inGzip = [`Content-Type: ${type}`, 'Content-Encoding: gzip', length(zipped)];
  expect((await raw('POST', '/v1/things/search', inGzip, zipped)).body).toBe(json);
});

test('no body at all is an empty object, whatever its Content-Type would be', async () => {
  for (const headers of [[], ['Content-Length: 0'], ['Content-Type: text/plain']]) {
    const { status, body } = await raw('POST', '/v1/things/search', headers);
    expect([status, body]).toEqual([200, '{"name":"all of them"}']);
    expect((await refused(raw('POST', '/v1/things/a', headers))).status).toBe(400);
  }
});

test('a body is refused by a route that takes none', async () => {
  const requests: [string, string][] = [
    ['GET', '/v1/things/a'],
    ['HEAD', '/v1/things/a'],
    ['DELETE', '/v1/things/a'],
    ['GET', '/v1/public'],
    ['GET', '/openapi.json'],
  ];
  for (const [method, path] of requests) {
    const headers = ['Content-Type: application/json', length(json)];
    expect((await raw(method, path, headers, json)).status, `${method} ${path}`).toBe(400);
  }
  const answer = await refused(raw('DELETE', '/v1/things/a', [length(json)], json));
  expect(answer.body).toContain('This route takes no body');
});

test('a damaged body is refused: 400', async () => {
  const headers = ['Content-Type: application/json', 'Content-Encoding: gzip', length(json)];
  expect((await refused(raw('POST', '/v1/things/a', headers, json))).status).toBe(400);
});

test('a body that is too large is refused: 413', async () => {
  const headers = ['Content-Type: application/json', 'Content-Length: 70000'];
  const large = JSON.stringify({ name: 'x'.repeat(69_989) });
  expect(large.length).toBe(70_000);
  expect((await refused(raw('POST', '/v1/things/a', headers, large))).status).toBe(413);
});

test.each(['/v1/things/%zz', '/v1/things/%', '/v1/things/%e0%a4', '/v1/things/a%', 'http://['])(
  'a path that cannot be decoded is named: %s',
  async (target) => {
    const { status, body } = await refused(raw('GET', target));
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({
      issues: [{ path: 'path', message: 'The path cannot be decoded' }],
    });
  },
);

test.each([
  ['OPTIONS', '/v1/things/a', 'DELETE, GET, HEAD, POST'],
  ['PUT', '/v1/things/a', 'DELETE, GET, HEAD, POST'],
  ['PATCH', '/v1/things/a/', 'DELETE, GET, HEAD, POST'],
  ['TRACE', '/v1/things/a', 'DELETE, GET, HEAD, POST'],
  ['PROPFIND', '/v1/public', 'GET, HEAD'],
  ['POST', '/v1/public', 'GET, HEAD'],
  ['POST', '/openapi.json', 'GET, HEAD'],
  ['PUT', '/v1/things/search', 'DELETE, GET, HEAD, POST'],
  ['GET', internalApis.resolveKeys.path, 'POST'],
  ['HEAD', internalApis.resolveKeys.path, 'POST'],
])('%s %s is answered with the methods that there are: 405', async (method, path, allow) => {
  const answer = await raw(method, path);
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  if (method !== 'HEAD') await refused(raw(method, path));
});

test.each(['/', '/v1/other', '//', '/v1/%zz', '*', 'http://x/v1/other', '/v1/things/a/b'])(
  'a path that nothing has is answered with 404, for any method: %s',
  async (target) => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'PUT']) {
      expect((await refused(raw(method, target))).status, method).toBe(404);
    }
  },
);

test('HEAD is answered as GET is, without the body', async () => {
  const [get, head] = await Promise.all([raw('GET', '/v1/things/a'), raw('HEAD', '/v1/things/a')]);
  expect([head.status, head.body]).toEqual([200, '']);
  for (const name of ['content-type', 'content-length', 'cache-control']) {
    expect(head.headers.get(name)).toBe(get.headers.get(name));
  }
});

test('no answer is stored by a cache but those that everybody may read (ASVS 14.3.2)', async () => {
  const typed = ['Content-Type: application/json', length(json)];
  const kept = await Promise.all([
    raw('GET', '/v1/things/a'),
    raw('DELETE', '/v1/things/a'),
    raw('POST', '/v1/things/a', typed, json),
    raw('POST', '/v1/things/bad', typed, json),
    raw('POST', internalApis.resolveKeys.path, typed, json),
    raw('GET', '/v1/nothing'),
    raw('PUT', '/v1/public'),
  ]);
  expect(kept.map(({ status }) => status)).toEqual([200, 204, 201, 500, 401, 404, 405]);
  expect(new Set(kept.map(({ headers }) => headers.get('cache-control')))).toEqual(
    new Set(['no-store']),
  );
  for (const path of ['/v1/public', '/openapi.json']) {
    const { status, headers } = await raw('GET', path);
    expect([status, headers.get('cache-control')]).toEqual([200, null]);
  }
});

test('a refusal repeats no name of a field that the caller sent', async () => {
  for (const body of [
    '{"name":"x","jane@example.org":1}',
    '{"name":"x","a":1,"jane@example.org":2}',
  ]) {
    const answer = await (await post('/v1/things/a', body)).text();
    expect(answer).toContain('There is an unknown field');
    expect(answer).not.toContain('jane');
  }
  expect(await (await fetch(`${base}/v1/things/a?jane=1`)).text()).not.toContain('jane');
});
