import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openBroker, openControl } from '@mysmtp/broker';
import { internalApis, type IdentityChange, type IdentityEntity } from '@mysmtp/contracts';
import {
  createServiceClient,
  implement,
  openApi,
  openSignedCallerVerifier,
  openSignedCallTokens,
  type Api,
} from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import {
  freshBroker,
  freshDatabase,
  makeServiceKeys,
  type ServiceKeys,
  type TestBroker,
} from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { openProjection, openProjectionCollection, type Projection } from '../src/index.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });

/** A fake identity: an internal API whose answers a test decides, and its events. */
export interface Identity {
  /** The changes of its snapshot, by page; they may be of a newer release. */
  pages: AnyChange[][];
  snapshotsTaken: number;
  readonly port: number;
  publish(change: AnyChange): Promise<void>;
  /** Stops and starts its API only; at the same port again. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A real HTTP server, broker and database for projections. */
export interface Bench extends AsyncDisposable {
  readonly broker: TestBroker;
  readonly identity: Identity;
  readonly keys: ServiceKeys;
  open(collection: string): Promise<Projection>;
  stored(collection: string): Promise<Stored[]>;
  /** Replaces documents with the same id. */
  store(collection: string, documents: readonly Stored[]): Promise<void>;
}

/** A change, of this release or of a newer one. */
type AnyChange = { readonly entity: IdentityEntity } & Readonly<Record<string, unknown>>;

interface Stored {
  readonly _id: string;
  readonly version?: number;
  readonly state?: { readonly name: string } | null;
}

export const domain = (id: string, version: number, name: string | null): IdentityChange => ({
  v: 1,
  entity: 'domain',
  id,
  version,
  state:
    name === null ? null : { tenant: 't1', name, nameIndex: `index of ${name}`, signing: 'ours' },
});

export async function openBench(): Promise<Bench> {
  const closing = new AsyncDisposableStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-projection-'));
  closing.defer(() => rm(dir, { recursive: true }));
  const keys = await makeServiceKeys(dir);

  const broker = closing.adopt(await freshBroker(), (open) => open.close());
  const database = closing.adopt(await freshDatabase(), (open) => open.close());
  const connection = closing.adopt(
    await mongoose.createConnection(database.url).asPromise(),
    (open) => open.close(),
  );
  const connections = closing.adopt(
    openBroker({ url: broker.url, service: 'ingress', log }),
    (open) => open.close(),
  );
  const control = closing.adopt(openControl(connections), (open) => open.close());
  const identity = createIdentity(broker, keys);
  closing.defer(() => identity.stop());
  await identity.start();
  const client = createServiceClient({
    service: 'identity',
    baseUrl: `http://127.0.0.1:${String(identity.port)}`,
    tokens: await openSignedCallTokens('ingress', keys.keyFile('ingress')),
  });
  return {
    broker,
    identity,
    keys,
    open: async (collection) =>
      openProjection({
        entities: ['domain'],
        collection: await openProjectionCollection(connection, collection),
        client,
        control,
        signed: await keys.as('ingress', log),
        log,
        clock: { now: () => Date.now() },
        metrics: new Registry(),
      }),
    async store(collection, documents) {
      for (const document of documents) {
        const { _id } = document;
        await connection
          .collection<Stored>(collection)
          .replaceOne({ _id }, document, { upsert: true });
      }
    },
    stored: (collection) => connection.collection<Stored>(collection).find().toArray(),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function createIdentity(broker: TestBroker, keys: ServiceKeys): Identity {
  let api: Api | undefined;
  let port = 0;
  const identity: Identity = {
    pages: [],
    snapshotsTaken: 0,
    get port() {
      return port;
    },
    publish: (change) => keys.tell(broker, change),
    async start() {
      api ??= await openApi({
        service: 'identity',
        address: '127.0.0.1',
        port: 0,
        internalPort: port,
        metrics: new Registry(),
        log,
        tokens: () => undefined,
        callers: await openSignedCallerVerifier('identity', keys.jwksFile),
        routes: [
          // Also changes that this release cannot read.
          implement(
            { ...internalApis.snapshot, response: z.unknown() },
            'Snapshot',
            async ({ after }) => {
              const at = Number(after ?? 0);
              if (at === 0) identity.snapshotsTaken += 1;
              const next = at + 1 < identity.pages.length ? String(at + 1) : null;
              return { changes: identity.pages[at] ?? [], next };
            },
          ),
        ],
      });
      port = api.internalPort;
    },
    async stop() {
      await api?.close();
      api = undefined;
    },
  };
  return identity;
}
