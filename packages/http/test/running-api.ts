import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { permissionsOf, principalOf, type ApiDefinition, type PersonPrincipal } from '@mysmtp/api';
import {
  internalApis,
  sessionPrefix,
  TenantUnavailable,
  type ServiceName,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { exportJWK, generateKeyPair } from 'jose';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import { z } from 'zod';
import {
  type ApiOptions,
  type CallTokens,
  createServiceClient,
  describeRequest,
  hashToken,
  implement,
  openApi,
  openSignedCallerVerifier,
  openSignedCallTokens,
  Problem,
  problems,
  requestIsAbout,
  serve,
  type ServiceClient,
} from '../src/index.ts';

class Unavailable extends TenantUnavailable {
  constructor(reason: TenantUnavailable['reason'], passes: boolean) {
    super('Not in the answer', reason, passes);
  }
}

/** An answer as received. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Privacy's API with some routes, and ways to call it. */
export interface RunningApi extends AsyncDisposable {
  readonly base: string;
  /** Its metrics, as Prometheus reads them. */
  metrics(): Promise<string>;
  /** Its log. */
  readonly lines: readonly string[];
  /** Its streams: how many chunks were taken from them, and how many have ended. */
  readonly streams: { readonly chunks: number; readonly ended: number };
  post(url: string, body: string, token?: string): Promise<Response>;
  /** Tokens with which one service calls another. */
  tokens(as: string, signedBy?: string): Promise<CallTokens>;
  client(as: string, signedBy?: string): Promise<ServiceClient>;
  /** Sends a request as an owner, without the headers that `fetch` adds. */
  raw(
    method: string,
    target: string,
    headers?: readonly string[],
    body?: string | Buffer,
  ): Promise<RawAnswer>;
  /** The same, to the internal API. */
  rawInternal: RunningApi['raw'];
}

const { keyDays } = internalApis;

/** As a newer release has it. */
export const newerKeyDays = {
  ...keyDays,
  path: '/internal/v1/newer',
  response: keyDays.response.extend({ archive: z.number() }),
};

/** Answers with more fields than its definition has. */
export const wrongKeyDays = { ...keyDays, path: '/internal/v1/wrong' };

const thing = '/v1/things/{id}';
const params = z.strictObject({ id: z.string() });
const ofOwners = { permission: 'messages:read', ofTenant: true } as const;

const thingsApi = {
  // As the usage log and identity have it: everything in the body is optional.
  searchThings: {
    method: 'post',
    path: '/v1/things/search',
    summary: 'Things',
    access: { permission: 'tokens:read' },
    body: z.strictObject({ name: z.string().optional() }),
    replies: { 200: z.strictObject({ name: z.string() }) },
  },
  createThing: {
    method: 'post',
    path: thing,
    summary: 'A thing',
    access: ofOwners,
    params: z.strictObject({ id: z.string().max(5) }),
    body: z.strictObject({ name: z.string() }),
    replies: { 201: z.strictObject({ tenant: z.string() }) },
    errors: ['gone'],
    rateLimit: 'costly',
  },
  readThing: {
    method: 'get',
    path: thing,
    summary: 'A thing',
    access: ofOwners,
    params,
    replies: { 200: z.strictObject({ id: z.string() }) },
  },
  deleteThing: {
    method: 'delete',
    path: thing,
    summary: 'No thing any more',
    access: { permission: 'credentials:write', ofTenant: true },
    params,
    replies: { 204: 'empty' },
  },
  exportThings: {
    method: 'get',
    path: '/v1/export',
    summary: 'Text of any length',
    access: ofOwners,
    query: z.strictObject({ kind: z.enum(['whole', 'broken', 'endless']) }),
    replies: { 200: { stream: ['text/csv'] } },
  },
  readPublic: {
    method: 'get',
    path: '/v1/public',
    summary: 'What everybody may read',
    access: { public: true },
    replies: { 200: z.strictObject({}) },
  },
} as const satisfies ApiDefinition;

/** An owner who presented a second factor long ago. */
const person: PersonPrincipal = {
  kind: 'person',
  id: 'alice',
  session: 's1',
  tenant: 't1',
  role: 'owner',
  permissions: permissionsOf('owner'),
  factorAt: 0,
};

export async function runApi({
  checkReplies = true,
  ...options
}: Pick<
  ApiOptions,
  'accounts' | 'checkReplies' | 'rateLimits' | 'securityLog'
> = {}): Promise<RunningApi> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-http-'));
  const lines: string[] = [];
  const published = [];
  for (const service of ['ingress', 'logging', 'identity'] as const) {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    await writeFile(path.join(dir, service), JSON.stringify(await exportJWK(privateKey)));
    published.push({ ...(await exportJWK(publicKey)), kid: service, alg: 'EdDSA' });
  }
  await writeFile(path.join(dir, 'jwks'), JSON.stringify({ keys: published }));
  const metrics = new Registry();
  const streams = { chunks: 0, ended: 0 };
  async function* chunksOf(kind: 'whole' | 'broken' | 'endless'): AsyncGenerator<string> {
    try {
      const count = kind === 'endless' ? Number.POSITIVE_INFINITY : 3;
      for (let n = 0; n < count; n += 1) {
        streams.chunks += 1;
        yield kind === 'endless' ? 'x'.repeat(100_000) : `${String(n)}\r\n`;
      }
      if (kind === 'broken') throw new Error('secret detail someone@example.org');
    } finally {
      streams.ended += 1;
    }
  }
  const api = await openApi({
    service: 'privacy',
    address: '127.0.0.1',
    port: 0,
    internalPort: 0,
    metrics,
    log: createLogger('privacy', 'debug', { write: (line) => void lines.push(line) }),
    tokens(hash) {
      if (hash === hashToken('operator-token')) {
        return principalOf('token-of-alice', { role: 'operator', tenant: null });
      }
      if (hash === hashToken(`${sessionPrefix}alice`)) return person;
      const isOwner = hash === hashToken('owner-token');
      return isOwner ? principalOf('token-of-t1', { role: 'owner', tenant: 't1' }) : undefined;
    },
    callers: await openSignedCallerVerifier('privacy', path.join(dir, 'jwks')),
    checkReplies,
    ...options,
    routes: [
      ...serve(thingsApi)({
        async searchThings({ body, principal }) {
          if (principal.tenant === null) requestIsAbout({ tenant: 't1', ticket: 'access' });
          return { status: 200, body: { name: body.name ?? 'all of them' } };
        },
        createThing: async ({ params, principal }) => {
          if (params.id === 'bad') throw new Error('secret detail someone@example.org');
          if (params.id === 'gone') throw new Problem('gone', { detail: 'It is gone' });
          if (params.id === 'lost') throw new Problem('not-found');
          if (params.id === 'alien') throw problems.hidden('foreign');
          if (params.id === 'role') describeRequest({ type: 'role_changed', reason: 'raised' });
          if (params.id === 'taken') throw new Problem('conflict');
          if (params.id === 'dead') throw new Unavailable('fenced', false);
          if (params.id === 'stale') throw new Unavailable('stale', true);
          if (params.id === 'keys') throw new Unavailable('keys', true);
          const tenant = params.id === 'odd' ? (7 as never) : principal.tenant;
          return { status: 201, body: { tenant } };
        },
        readThing: async ({ params }) => ({ status: 200, body: { id: params.id } }),
        deleteThing: async () => ({ status: 204 }),
        exportThings: async ({ query }) => ({
          status: 200,
          body: { type: 'text/csv', chunks: chunksOf(query.kind) },
        }),
        readPublic: async () => ({ status: 200, body: {} }),
      }),
      implement(internalApis.resolveKeys, 'Keys', async ({ jws }) => ({ jws })),
      implement(internalApis.keyDays, 'Days', async () => ({ mail: 7, events: 8 })),
      implement(newerKeyDays, 'Days', async () => ({ mail: 7, events: 8, archive: 9 })),
      implement(wrongKeyDays, 'Days', async () => ({ mail: 7, events: 8, owner: 'jane' })),
    ],
  });
  const base = `http://127.0.0.1:${String(api.port)}`;
  const internalBase = `http://127.0.0.1:${String(api.internalPort)}`;
  const tokens: RunningApi['tokens'] = (as, signedBy = as) =>
    openSignedCallTokens(as as ServiceName, path.join(dir, signedBy));
  return {
    base,
    streams,
    metrics: () => metrics.metrics(),
    lines,
    post: (url, content, token = 'owner-token') =>
      fetch(base + url, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: content,
      }),
    tokens,
    client: async (as, signedBy) =>
      createServiceClient({
        service: 'privacy',
        baseUrl: internalBase,
        tokens: await tokens(as, signedBy),
      }),
    raw: (...request) => raw(api.port, ...request),
    rawInternal: (...request) => raw(api.internalPort, ...request),
    async [Symbol.asyncDispose]() {
      await api.close();
      await rm(dir, { recursive: true });
    },
  };
}

async function raw(
  port: number,
  method: string,
  target: string,
  headers: readonly string[] = [],
  body: string | Buffer = '',
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
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

/** Every refusal has the same form (RFC 9457). */
export async function refused(answer: Promise<RawAnswer>): Promise<RawAnswer> {
  const { status, headers, body } = await answer;
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringMatching(/^urn:mysmtp:/) });
  return { status, headers, body };
}
