import { gzipSync } from 'node:zlib';
import { internalApis } from '@mysmtp/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refused, runApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api[Symbol.asyncDispose]());

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
    const { status } = await refused(api.raw('POST', path, [...headers, length(json)], json));
    expect(status).toBe(415);
    const chunked = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
    const inChunks = [...headers, 'Transfer-Encoding: chunked'];
    expect((await refused(api.raw('POST', path, inChunks, chunked))).status).toBe(415);
  }
});

test('a refusal with 415 lists what is supported (RFC 9110 15.5.16)', async () => {
  const type = await api.raw('POST', '/v1/things/a', [length(json)], json);
  expect(type.headers.get('accept')).toBe('application/json');
  const headers = ['Content-Type: application/json', 'Content-Encoding: rot13', length(json)];
  const encoding = await api.raw('POST', '/v1/things/a', headers, json);
  expect(encoding.headers.get('accept-encoding')).toBe('br, deflate, gzip, identity');
});

test.each([
  'application/json',
  'Application/JSON;charset=UTF-8',
  'application/json; charset="utf-8"',
])('JSON is accepted: %s', async (type) => {
  const headers = [`Content-Type: ${type}`, length(json)];
  const { status, body } = await api.raw('POST', '/v1/things/search', headers, json);
  expect([status, body]).toEqual([200, json]);
  const zipped = gzipSync(json);
  const inGzip = [`Content-Type: ${type}`, 'Content-Encoding: gzip', length(zipped)];
  expect((await api.raw('POST', '/v1/things/search', inGzip, zipped)).body).toBe(json);
});

test.each<[string, string[], string?]>([
  ['nothing', []],
  ['a length of 0', ['Content-Length: 0']],
  ['a length of 0 and a type', ['Content-Length: 0', 'Content-Type: application/json']],
  ['a type alone', ['Content-Type: text/plain']],
  [
    'a last chunk alone',
    ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
    '0\r\n\r\n',
  ],
])('no body is not `{}`: %s', async (_, headers, body) => {
  for (const path of ['/v1/things/search', '/v1/things/a']) {
    const answer = await refused(api.raw('POST', path, headers, body));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('This route takes a body: application/json');
  }
});

test('an empty object is a body', async () => {
  const headers = ['Content-Type: application/json', 'Content-Length: 2'];
  const { status, body } = await api.raw('POST', '/v1/things/search', headers, '{}');
  expect([status, body]).toEqual([200, '{"name":"all of them"}']);
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
    expect((await api.raw(method, path, headers, json)).status, `${method} ${path}`).toBe(400);
  }
  const answer = await refused(api.raw('DELETE', '/v1/things/a', [length(json)], json));
  expect(answer.body).toContain('This route takes no body');
});

test('a damaged body is refused: 400', async () => {
  const headers = ['Content-Type: application/json', 'Content-Encoding: gzip', length(json)];
  expect((await refused(api.raw('POST', '/v1/things/a', headers, json))).status).toBe(400);
  const noUtf8 = Buffer.from('{"name":"\xff"}', 'latin1');
  const typed = ['Content-Type: application/json', length(noUtf8)];
  expect((await refused(api.raw('POST', '/v1/things/a', typed, noUtf8))).status).toBe(400);
});

test('a body that is too large is refused: 413', async () => {
  const headers = ['Content-Type: application/json', 'Content-Length: 70000'];
  const large = JSON.stringify({ name: 'x'.repeat(69_989) });
  expect(large.length).toBe(70_000);
  expect((await refused(api.raw('POST', '/v1/things/a', headers, large))).status).toBe(413);
});

test.each(['/v1/things/%zz', '/v1/things/%', '/v1/things/%e0%a4', '/v1/things/a%', 'http://['])(
  'a path that cannot be decoded is reported: %s',
  async (target) => {
    const { status, body } = await refused(api.raw('GET', target));
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
  ['PUT', '/v1/things/search', 'POST'],
  // It is no id of `/v1/things/{id}`.
  ['DELETE', '/v1/things/search', 'POST'],
])('%s %s is answered with the supported methods: 405', async (method, path, allow) => {
  const answer = await api.raw(method, path);
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  await refused(api.raw(method, path));
});

test('a path of the internal API is answered likewise there', async () => {
  for (const method of ['GET', 'HEAD', 'PUT']) {
    const { status, headers } = await api.rawInternal(method, internalApis.resolveKeys.path);
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  }
});

test('routes between services are only on the internal listener, which has no others', async () => {
  const typed = ['Content-Type: application/json', length(json)];
  const internal = internalApis.resolveKeys.path;
  expect((await refused(api.rawInternal('POST', internal, typed, json))).status).toBe(401);
  for (const method of ['POST', 'GET', 'OPTIONS']) {
    expect((await refused(api.raw(method, internal, typed, json))).status).toBe(404);
  }
  const others: [string, string][] = [
    ['GET', '/v1/things/a'],
    ['PUT', '/v1/things/a'],
    ['POST', '/v1/things/search'],
    ['GET', '/v1/public'],
    ['GET', '/openapi.json'],
  ];
  for (const [method, path] of others) {
    const answer = await refused(api.rawInternal(method, path));
    expect(answer.status, `${method} ${path}`).toBe(404);
  }
});

test.each(['/', '/v1/other', '//', '/v1/%zz', '*', 'http://x/v1/other', '/v1/things/a/b'])(
  'an unknown path is answered with 404, for any method: %s',
  async (target) => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'PUT']) {
      expect((await refused(api.raw(method, target))).status, method).toBe(404);
    }
  },
);

test('HEAD is answered as GET is, without the body', async () => {
  const [get, head] = await Promise.all([
    api.raw('GET', '/v1/things/a'),
    api.raw('HEAD', '/v1/things/a'),
  ]);
  expect([head.status, head.body]).toEqual([200, '']);
  for (const name of ['content-type', 'content-length', 'cache-control']) {
    expect(head.headers.get(name)).toBe(get.headers.get(name));
  }
});

test('only answers of routes for everybody may be cached (ASVS 14.3.2)', async () => {
  const typed = ['Content-Type: application/json', length(json)];
  const kept = await Promise.all([
    api.raw('GET', '/v1/things/a'),
    api.raw('DELETE', '/v1/things/a'),
    api.raw('POST', '/v1/things/a', typed, json),
    api.raw('POST', '/v1/things/bad', typed, json),
    api.rawInternal('POST', internalApis.resolveKeys.path, typed, json),
    api.rawInternal('GET', '/v1/public'),
    api.raw('GET', '/v1/nothing'),
    api.raw('PUT', '/v1/public'),
  ]);
  expect(kept.map(({ status }) => status)).toEqual([200, 204, 201, 500, 401, 404, 404, 405]);
  expect(new Set(kept.map(({ headers }) => headers.get('cache-control')))).toEqual(
    new Set(['no-store']),
  );
  for (const path of ['/v1/public', '/openapi.json']) {
    const { status, headers } = await api.raw('GET', path);
    expect([status, headers.get('cache-control')]).toEqual([200, null]);
  }
});
