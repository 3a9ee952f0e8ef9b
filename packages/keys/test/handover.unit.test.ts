import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { internalApis, type ServiceName } from '@mysmtp/contracts';
import {
  CallError,
  createServiceClient,
  implement,
  openApi,
  type Api,
  type ServiceClient,
} from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import { makeServiceKeys, type ServiceKeys } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { answerKeys, askForKeys } from '../src/index.ts';
import { createRecipient } from '../src/sealing.ts';

interface Body {
  readonly jws: string;
}
/** An intermediary between the two ends, which sees what TLS would hide. */
interface Between {
  readonly request?: (body: Body) => Body | Promise<Body>;
  readonly answer?: (body: Body) => Body | Promise<Body>;
}

const key = randomBytes(32);
const lines: string[] = [];
const log = (service: ServiceName) =>
  createLogger(service, 'error', { write: (line) => void lines.push(line) });
let dir: string;
let serviceKeys: ServiceKeys;
let delivery: Signed;
let api: Api;
let caller: ServiceName = 'delivery';

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-handover-'));
  serviceKeys = await makeServiceKeys(dir);
  delivery = await serviceKeys.as('delivery', log('delivery'));
  api = await openApi({
    service: 'privacy',
    address: '127.0.0.1',
    port: 0,
    internalPort: 0,
    log: log('privacy'),
    metrics: new Registry(),
    tokens: () => undefined,
    callers: { verify: async () => caller },
    routes: [
      implement(
        internalApis.resolveKeys,
        'Keys',
        answerKeys(await serviceKeys.as('privacy', log('privacy')), async ({ tenant }) => ({
          state: tenant === 't1' ? 'active' : 'erased',
          keys: tenant === 't1' ? { account: Buffer.from(key) } : {},
          destroyed: [],
        })),
      ),
    ],
  });
});
afterAll(async () => {
  await api.close();
  await rm(dir, { recursive: true });
});
afterEach(() => {
  vi.useRealTimers();
  lines.splice(0);
  caller = 'delivery';
});

const refusals = () =>
  lines
    .map((line) => JSON.parse(line) as { event: string; status?: string; reason?: string })
    .flatMap(({ event, status, reason }) =>
      event === 'message.refused' ? [[status, reason]] : [],
    );

/** Requests keys as delivery, through the intermediary. */
function ask(tenant: string, between: Between = {}, signed = delivery) {
  const { request: onRequest = same, answer: onAnswer = same } = between;
  const direct = createServiceClient({
    service: 'privacy',
    baseUrl: `http://127.0.0.1:${String(api.internalPort)}`,
    tokens: { tokenFor: async () => 'token' },
  });
  const call = async (called: typeof internalApis.resolveKeys, body: Body) =>
    onAnswer(await direct.call(called, await onRequest(body)));
  const client = { ...direct, call } as unknown as ServiceClient;
  return askForKeys({ client, signed, service: 'delivery' }, tenant);
}
const same = (body: Body) => body;

test('a key reaches the requesting service, and neither the request nor the answer reveals it', async () => {
  const seen: string[] = [];
  const note = (body: Body) => {
    seen.push(...body.jws.split('.').map((part) => Buffer.from(part, 'base64url').toString()));
    return body;
  };
  const { state, keys } = await ask('t1', { request: note, answer: note });
  expect(state).toBe('active');
  expect(keys['account']?.export()).toEqual(key);
  expect(seen).toHaveLength(6);
  for (const part of seen) {
    for (const form of ['base64', 'base64url', 'hex', 'latin1'] as const) {
      expect(part).not.toContain(key.toString(form));
    }
  }
});

test('a public key that an intermediary replaces is refused', async () => {
  const { publicKey } = await createRecipient();
  const exchanged = ({ jws }: Body) => {
    const [header = '', body = '', signature = ''] = jws.split('.');
    const text = Buffer.from(body, 'base64url').toString();
    const { payload, ...rest } = JSON.parse(text) as { payload: object };
    const forged = JSON.stringify({ ...rest, payload: { ...payload, publicKey } });
    return { jws: [header, Buffer.from(forged).toString('base64url'), signature].join('.') };
  };
  await expect(ask('t1', { request: exchanged })).rejects.toThrow(new CallError('privacy', 403));
  expect(refusals()).toEqual([['keysAsked', 'signature']]);
});

test('another service that signs with its own key and has a token of the requesting one is refused', async () => {
  const logging = await serviceKeys.as('logging', log('logging'));
  await expect(ask('t1', {}, logging)).rejects.toThrow(new CallError('privacy', 403));
  expect(refusals()).toEqual([['keysAsked', 'other_sender']]);
});

test('a service gets no key for a request that it forwards for another service', async () => {
  caller = 'logging';
  await expect(ask('t1')).rejects.toThrow(new CallError('privacy', 403));
  expect(refusals()).toEqual([['keysAsked', 'other_sender']]);
});

test('a captured request is refused after a minute', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const later = (body: Body) => {
    vi.setSystemTime(Date.now() + 60_001);
    return body;
  };
  await expect(ask('t1', { request: later })).rejects.toThrow(new CallError('privacy', 403));
  expect(refusals()).toEqual([['keysAsked', 'late']]);
});

test('a message that is not a request for keys is refused as such', async () => {
  const other = await serviceKeys.signAny('delivery', 'keysAsked', {
    id: 'not one',
    tenant: 't1',
    publicKey: '',
  });
  const request = () => ({ jws: other.toString('latin1') });
  await expect(ask('t1', { request })).rejects.toThrow(new CallError('privacy', 400));
});

test('an answer to another request is refused, also one with state `erased`', async () => {
  let erased: Body | undefined;
  await ask('t2', { answer: (body) => (erased = body) });
  const answer = (body: Body) => erased ?? body;
  await expect(ask('t1', { answer })).rejects.toThrow('The answer is to another request');
  expect(refusals()).toEqual([['keysGiven', 'other_request']]);
});

test("an answer without privacy's signature is refused", async () => {
  const logging = await serviceKeys.as('logging');
  const answer = async () => {
    const given = { request: crypto.randomUUID(), ids: [], enc: '', sealed: '', destroyed: [] };
    const content = await logging.sign('keysGiven', { ...given, state: 'erased' });
    return { jws: content.toString('latin1') };
  };
  await expect(ask('t1', { answer })).rejects.toThrow('The answer is not proven: other_signer');
});
