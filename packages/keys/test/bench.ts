import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openBroker, openControl } from '@mysmtp/broker';
import {
  internalApis,
  routingKeys,
  type KeyId,
  type KeysDropped,
  type TenantKeyState,
} from '@mysmtp/contracts';
import { createServiceClient, implement, openApi, type Api } from '@mysmtp/http';
import { createLogger, type Logger } from '@mysmtp/log';
import {
  eventually,
  freshBroker,
  makeServiceKeys,
  type ServiceKeys,
  type TestBroker,
} from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import type { Signed } from '@mysmtp/signed';
import { answerKeys, openKeyring, type Keyring, type KeysAnswer } from '../src/index.ts';

export const minute = 60_000;

const noon = Date.parse('2026-11-24T12:00:00Z');
const days = ['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26'];

/** A fake privacy, controlled by the test. */
interface Scene {
  now: number;
  /** The existing keys of tenant t1. */
  readonly keys: Record<KeyId, string>;
  state: TenantKeyState;
  /** The ids in the requests for keys. */
  readonly asked: (readonly KeyId[] | undefined)[];
  /** Called just before it answers. */
  beforeAnswer: () => Promise<void>;
}

/**
 * A keyring with a real broker, and a real HTTP server that answers with keys as privacy does. (Privacy
 * itself is tested with this keyring beside its service.)
 */
export interface Bench extends Scene {
  readonly keyring: Keyring;
  readonly broker: TestBroker;
  readonly serviceKeys: ServiceKeys;
  broadcast(dropped: Omit<KeysDropped, 'v'>): Promise<void>;
  stopPrivacy(): Promise<void>;
  /** At the same port again. */
  startPrivacy(): Promise<void>;
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const scene: Scene = {
    now: noon,
    keys: newKeys(),
    state: 'active',
    asked: [],
    beforeAnswer: async () => {},
  };
  const closing = new AsyncDisposableStack();
  const broker = closing.adopt(await freshBroker(), (open) => open.close());
  const lines: string[] = [];
  const log = createLogger('delivery', 'info', { write: (line) => void lines.push(line) });
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-keys-'));
  closing.defer(() => rm(dir, { recursive: true }));
  const serviceKeys = await makeServiceKeys(dir);
  const privacy = await serviceKeys.as('privacy');
  let api = await openPrivacy(scene, privacy, log);
  closing.defer(() => api.close());
  const { internalPort } = api;
  const connections = closing.adopt(
    openBroker({ url: broker.url, service: 'delivery', log }),
    (open) => open.close(),
  );
  const keyring = openKeyring({
    service: 'delivery',
    client: createServiceClient({
      service: 'privacy',
      baseUrl: `http://127.0.0.1:${String(internalPort)}`,
      tokens: { tokenFor: async () => 'token' },
      deadline: 1_000,
    }),
    control: closing.adopt(openControl(connections), (open) => open.close()),
    signed: await serviceKeys.as('delivery', log),
    freshness: minute,
    clock: { now: () => scene.now },
    log,
    metrics: new Registry(),
  });
  closing.defer(() => keyring.close());

  const bench: Bench = Object.assign(scene, {
    keyring,
    broker,
    serviceKeys,
    broadcast: (dropped: Omit<KeysDropped, 'v'>) =>
      serviceKeys
        .signAny('privacy', 'keysDropped', { v: 1, ...dropped })
        .then((content) => broker.say('privacy', { key: routingKeys.keysDropped, content })),
    stopPrivacy: () => api.close(),
    async startPrivacy() {
      api = await openPrivacy(scene, privacy, log, internalPort);
    },
    close: () => closing.disposeAsync(),
  });
  await untilBound(bench, lines);
  scene.asked.splice(0);
  return bench;
}

function openPrivacy(scene: Scene, signed: Signed, log: Logger, internalPort = 0): Promise<Api> {
  return openApi({
    service: 'privacy',
    address: '127.0.0.1',
    port: 0,
    internalPort,
    log,
    metrics: new Registry(),
    tokens: () => undefined,
    callers: { verify: async () => 'delivery' },
    routes: [
      implement(
        internalApis.resolveKeys,
        'Keys',
        answerKeys(signed, async ({ ids }) => {
          scene.asked.push(ids);
          const answer = answerOf(scene, ids);
          await scene.beforeAnswer();
          return answer;
        }),
      ),
    ],
  });
}

const ofDay = (day: string): KeyId[] => [`mail:${day}`, `events:${day}`];

function newKeys(): Record<KeyId, string> {
  const ids: KeyId[] = ['account', 'index', ...days.flatMap(ofDay)];
  return Object.fromEntries(ids.map((id) => [id, randomBytes(32).toString('base64')]));
}

const unasked = (at: number): KeyId[] => [
  'account',
  'index',
  ...[at, at + 24 * 60 * minute].flatMap((time) =>
    ofDay(new Date(time).toISOString().slice(0, 10)),
  ),
];

function answerOf({ now, state, keys }: Scene, ids?: readonly KeyId[]): KeysAnswer<Buffer> {
  if (state !== 'active') return { state, keys: {}, destroyed: [] };
  const wanted = ids ?? unasked(now);
  return {
    state,
    keys: Object.fromEntries(
      Object.entries(keys)
        .filter(([id]) => wanted.includes(id))
        .map(([id, key]) => [id, Buffer.from(key, 'base64')]),
    ),
    destroyed: wanted.filter((id) => !(id in keys)),
  };
}

/** The queue is bound once a drop has arrived, and no message follows the last one. */
async function untilBound({ broadcast }: Bench, lines: readonly string[]): Promise<void> {
  const verified = () =>
    lines
      .map((line) => JSON.parse(line) as { event: string; tenant?: string })
      .flatMap(({ event, tenant }) => (event === 'keys.dropped' ? [tenant] : []));
  await eventually(async () => {
    await broadcast({ tenant: 'first', ids: null });
    expect(verified()).toContain('first');
  });
  await broadcast({ tenant: 'last', ids: null });
  await eventually(() => expect(verified()).toContain('last'));
}
