import { randomUUID } from 'node:crypto';
import { internalApis, reader, Subject } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { mongo } from 'mongoose';
import type { Registry } from 'prom-client';
import { expect } from 'vitest';
import {
  fill,
  fillPerson,
  personIn,
  otherServices,
  startOther,
  writtenAgainAfter,
  type OtherService,
} from './other-services.ts';
import { openWorld, operatorToken, type World } from './running-service.ts';

type Other = (typeof otherServices)[number];

export interface Erasure {
  readonly state: string;
  readonly step: string;
  readonly missing: string[];
  readonly leftovers: string[];
  readonly receipts: { readonly store: string; readonly deleted: number; readonly jws: string }[];
  readonly certificate: string | null;
  readonly notified: readonly {
    readonly recipient: string;
    readonly at: string | null;
    readonly message: string | null;
    readonly reason: string | null;
  }[];
}

/** Privacy and the other four services, with a running clock. */
export interface Erasing {
  readonly world: World;
  /** Stores whose records are all written again after the purge. */
  readonly stubborn: Set<string>;
  /** Stores whose purge waits for this promise first, and may report progress meanwhile. */
  readonly held: Map<string, (progress: () => Promise<void>) => Promise<void>>;
  /** Privacy's metrics, as text. */
  metrics(): Promise<string>;
  /** Stops privacy and starts it again. With another time, the clock does not advance from then on. */
  restartPrivacy(at?: number): Promise<void>;
  stopOther(service: Other): Promise<void>;
  startOther(service: Other): Promise<void>;
  /** A tenant with a key and a record in every store. */
  newTenant(): Promise<string>;
  /** `url`: of the process that is asked. */
  ask(
    tenant: string,
    address?: string,
    url?: string,
  ): Promise<{ readonly location: string; readonly nonce: string | undefined }>;
  /** A record of this address by each path of every store; returns its blind index. */
  fillPerson(tenant: string, address: string): Promise<string>;
  look(location: string): Promise<Erasure>;
  reaches(location: string, state: string): Promise<Erasure>;
  /** Waits until it purges, whatever its state: it is soon `partial` if a purge is held. */
  purges(location: string): Promise<void>;
  close(): Promise<void>;
}

export async function openErasing(): Promise<Erasing> {
  const world = await openWorld(Date.now());
  const ticking = setInterval(() => (world.now = Date.now()), 20);
  let registry: Registry = await world.start();
  const stubborn = new Set<string>();
  const held: Erasing['held'] = new Map();
  const others = new Map<Other, OtherService>();

  const erasing: Erasing = {
    world,
    stubborn,
    held,
    metrics: () => registry.metrics(),
    async restartPrivacy(at) {
      await world.stop();
      if (at !== undefined) {
        clearInterval(ticking);
        world.now = at;
      }
      registry = await world.start();
    },
    async stopOther(service) {
      await others.get(service)?.close();
      others.delete(service);
    },
    async startOther(service) {
      const started = startOther(world, service, {
        purge: (store, purge) => async (fence, count, canaries) => {
          // Only removed records are progress.
          await held.get(store)?.(() => count(1));
          if (!stubborn.has(store)) return purge(fence, count, canaries);
          return writtenAgainAfter(() => purge(fence, count, canaries), {
            world,
            store,
            subject: reader(Subject).parse(fence),
          });
        },
      });
      others.set(service, await started);
    },
    newTenant: () => newTenant(world),
    ask: (...asked) => ask(world, ...asked),
    async fillPerson(tenant, address) {
      const person = await personIn(world, tenant, address);
      for (const service of otherServices) {
        await using client = new mongo.MongoClient(world.databases[service]);
        await fillPerson(client.db(), service, { tenant, person });
      }
      return person;
    },
    look: (location) => look(world, location),
    reaches: (location, state) =>
      eventually(
        async () => {
          const erasure = await look(world, location);
          expect(erasure.state, JSON.stringify([erasure.missing, erasure.leftovers])).toBe(state);
          return erasure;
        },
        { timeout: 60_000, every: 200 },
      ),
    purges: (location) =>
      eventually(async () => expect((await look(world, location)).step).toBe('purging'), {
        timeout: 60_000,
        every: 200,
      }),
    async close() {
      for (const other of others.values()) await other.close();
      await world.close();
      clearInterval(ticking);
    },
  };
  await Promise.all(otherServices.map((service) => erasing.startOther(service)));
  return erasing;
}

async function newTenant(world: World): Promise<string> {
  const tenant = randomUUID();
  const identity = await world.client('identity');
  expect(await identity.call(internalApis.activateTenant, { tenant })).toEqual({ state: 'active' });
  for (const service of otherServices) {
    await using client = new mongo.MongoClient(world.databases[service]);
    await fill(client.db(), service, {
      tenant,
      domain: randomUUID(),
      credential: randomUUID(),
      token: randomUUID(),
      message: randomUUID(),
    });
  }
  return tenant;
}

async function ask(
  world: World,
  tenant: string,
  address?: string,
  url = '',
): ReturnType<Erasing['ask']> {
  const body = { tenant, address };
  const answer = await world.request('POST', `${url}/v1/erasures`, operatorToken, body);
  expect(answer.status).toBe(202);
  const { nonce } = (await answer.json()) as { nonce?: string };
  return { location: answer.headers.get('location') ?? '', nonce };
}

async function look(world: World, location: string): Promise<Erasure> {
  const answer = await world.request('GET', location, operatorToken);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Erasure;
}
