import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openPublisher, type Publisher } from '@mysmtp/broker';
import { internalApis, routingKeys, type IdentityChange } from '@mysmtp/contracts';
import {
  createServiceClient,
  implement,
  openApi,
  openSignedCallerVerifier,
  openSignedCallTokens,
  type Api,
  type ServiceClient,
} from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import {
  eventually,
  freshBroker,
  freshDatabase,
  type TestBroker,
  type TestDatabase,
} from '@mysmtp/test-kit';
import { exportJWK, generateKeyPair } from 'jose';
import mongoose, { type Connection } from 'mongoose';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openProjection, type Projection } from '../src/index.ts';

/** A real HTTP server with identity's internal API whose answers a test decides; broker and database are real. */
let broker: TestBroker;
let database: TestDatabase;
let connection: Connection;
let publisher: Publisher;
let dir: string;
let api: Api | undefined;
let client: ServiceClient;
/** What identity would tell in a snapshot, a page each. */
let pages: IdentityChange[][] = [];
let snapshotsTaken = 0;
let port = 0;

const log = createLogger('ingress', 'error', { write: () => undefined });

const domain = (id: string, version: number, name: string | null): IdentityChange => ({
  v: 1,
  entity: 'domain',
  id,
  version,
  state:
    name === null ? null : { tenant: 't1', name, nameIndex: `index of ${name}`, signing: 'ours' },
});

async function startApi(): Promise<void> {
  api = await openApi({
    service: 'identity',
    address: '127.0.0.1',
    port,
    metrics: new Registry(),
    log,
    tokens: () => undefined,
    callers: await openSignedCallerVerifier('identity', path.join(dir, 'jwks')),
    routes: [
      implement(internalApis.snapshot, 'Snapshot', async ({ after }) => {
        const at = Number(after ?? 0);
        if (at === 0) snapshotsTaken += 1;
        const next = at + 1 < pages.length ? String(at + 1) : null;
        return { changes: pages[at] ?? [], next };
      }),
    ],
  });
  ({ port } = api);
}

async function stopApi(): Promise<void> {
  await api?.close();
  api = undefined;
}

const open = (collection: string): Promise<Projection> =>
  openProjection({
    service: 'ingress',
    entities: ['domain'],
    collection: connection.collection(collection),
    client,
    broker: { url: broker.url, name: 'test', log },
    log,
    clock: { now: () => Date.now() },
    metrics: new Registry(),
  });

const tell = (change: IdentityChange) =>
  publisher.publish({
    exchange: 'events',
    key: routingKeys.identityChanged(change.entity),
    content: Buffer.from(JSON.stringify(change)),
  });

const stored = (collection: string) =>
  connection
    .collection<{ _id: string; version?: number; state?: unknown }>(collection)
    .find()
    .toArray();

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-projection-'));
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'ingress', alg: 'EdDSA' };
  await writeFile(path.join(dir, 'ingress'), JSON.stringify(await exportJWK(privateKey)));
  await writeFile(path.join(dir, 'jwks'), JSON.stringify({ keys: [jwk] }));
  broker = await freshBroker();
  database = await freshDatabase();
  connection = await mongoose.createConnection(database.url).asPromise();
  publisher = await openPublisher({ url: broker.url, name: 'identity', log });
  await eventually(() => expect(publisher.isReady()).toBe(true));
  await startApi();
  client = createServiceClient({
    service: 'identity',
    baseUrl: `http://127.0.0.1:${String(port)}`,
    tokens: await openSignedCallTokens('ingress', path.join(dir, 'ingress')),
  });
});

afterAll(async () => {
  await publisher.close();
  await stopApi();
  await connection.close();
  await database.close();
  await broker.close();
  await rm(dir, { recursive: true });
});

beforeEach(async () => {
  pages = [];
  if (api === undefined) await startApi();
});

test('events and a snapshot in pages meet by version', async () => {
  pages = [[domain('a', 1, 'a1'), domain('b', 7, 'b7')], [], [domain('gone', 2, null)]];
  const projection = await open('meet');
  try {
    await eventually(() => expect(projection.isWhole()).toBe(true));
    await tell(domain('a', 3, 'a3'));
    await tell(domain('a', 2, 'a2'));
    await tell(domain('b', 6, 'b6'));
    await tell(domain('gone', 1, 'late'));
    await tell(domain('new', 1, 'new'));
    await eventually(() => expect(projection.get('domain', 'new')).toBeDefined());
    expect(projection.get('domain', 'a')?.name).toBe('a3');
    expect(projection.get('domain', 'b')?.name).toBe('b7');
    expect(projection.get('domain', 'gone')).toBeUndefined();
  } finally {
    await projection.close();
  }
  const documents = new Map((await stored('meet')).map(({ _id, version }) => [_id, version]));
  expect(documents).toEqual(
    new Map([
      ['domain:a', 3],
      ['domain:b', 7],
      ['domain:gone', 2],
      ['domain:new', 1],
      ['snapshot', undefined],
    ]),
  );
});

test('a restart while identity is down: what was known is there, and old news changes nothing', async () => {
  pages = [[domain('a', 2, 'a2')]];
  const before = await open('restart');
  await eventually(() => expect(before.isWhole()).toBe(true));
  await tell(domain('b', 4, null));
  await tell(domain('c', 1, 'c1'));
  await eventually(() => expect(before.get('domain', 'c')).toBeDefined());
  await before.close();

  await stopApi();
  const after = await open('restart');
  try {
    expect(after.isWhole()).toBe(true);
    expect([...after.all('domain')].map(([id]) => id).sort()).toEqual(['a', 'c']);
    await eventually(async () => {
      await tell(domain('b', 3, 'back from the dead'));
      await tell(domain('d', 1, 'd1'));
      expect(after.get('domain', 'd')).toBeDefined();
    });
    expect(after.get('domain', 'b')).toBeUndefined();
  } finally {
    await after.close();
  }
});

test('while identity has never answered it is not whole, and becomes so as soon as it does', async () => {
  await stopApi();
  pages = [[domain('a', 1, 'a1')]];
  const projection = await open('never');
  try {
    await eventually(async () => {
      await tell(domain('b', 1, 'b1'));
      expect(projection.get('domain', 'b')).toBeDefined();
    });
    expect(projection.isWhole()).toBe(false);
    await startApi();
    await eventually(() => expect(projection.isWhole()).toBe(true));
    expect(projection.get('domain', 'a')).toBeDefined();
  } finally {
    await projection.close();
  }
});

test('what was told while the connection was broken is learned from a new snapshot', async () => {
  pages = [[domain('a', 1, 'a1')]];
  const projection = await open('broken');
  try {
    await eventually(() => expect(projection.isWhole()).toBe(true));
    // As if the event had been published while the queue of this process was away.
    pages = [[domain('a', 2, null)]];
    const taken = snapshotsTaken;
    await eventually(async () => {
      await broker.cutConnections();
      expect(snapshotsTaken).toBeGreaterThan(taken);
    });
    await eventually(() => expect(projection.get('domain', 'a')).toBeUndefined());
  } finally {
    await projection.close();
  }
  await eventually(() => expect(publisher.isReady()).toBe(true));
});

test('processes of one service share the collection, and the newest version stays', async () => {
  pages = [[]];
  const processes = await Promise.all([open('shared'), open('shared'), open('shared')]);
  await eventually(() => {
    for (const projection of processes) expect(projection.isWhole()).toBe(true);
  });
  const ids = Array.from({ length: 40 }, (_, n) => `d${String(n)}`);
  await Promise.all(
    ids.flatMap((id) =>
      [3, 1, 2].map((version) => tell(domain(id, version, `v${String(version)}`))),
    ),
  );
  await eventually(() => {
    for (const projection of processes) {
      for (const id of ids) expect(projection.get('domain', id)?.name).toBe('v3');
    }
  });
  await Promise.all(processes.map((projection) => projection.close()));
  const documents = (await stored('shared')).filter(({ _id }) => _id !== 'snapshot');
  expect(documents.map(({ version }) => version)).toEqual(ids.map(() => 3));
});

test('a change that cannot be read is not lost: a snapshot is asked for', async () => {
  pages = [[]];
  const projection = await open('unreadable');
  try {
    await eventually(() => expect(projection.isWhole()).toBe(true));
    pages = [[domain('a', 1, 'a1')]];
    await publisher.publish({
      exchange: 'events',
      key: routingKeys.identityChanged('domain'),
      content: Buffer.from(JSON.stringify({ v: 2, entity: 'domain', id: 'a' })),
    });
    await eventually(() => expect(projection.get('domain', 'a')).toBeDefined());
  } finally {
    await projection.close();
  }
});
