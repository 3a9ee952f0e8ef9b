import { randomUUID } from 'node:crypto';
import { openPublisher } from '@mysmtp/broker';
import {
  answeringStores,
  Certificate,
  certificateType,
  commitmentOf,
  internalApis,
  registry,
  routingKeys,
} from '@mysmtp/contracts';
import { openReceipts } from '@mysmtp/erasure';
import { eventually } from '@mysmtp/test-kit';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { mongo } from 'mongoose';
import path from 'node:path';
import type { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, otherServices, startOther, type OtherService } from './other-services.ts';
import { openWorld, operatorToken, ownerToken, type World } from './running-service.ts';

let world: World;
let metrics: Registry;
let others: Record<(typeof otherServices)[number], OtherService>;
let ticking: NodeJS.Timeout;
/** Stores whose purge leaves everything where it is. */
const stubborn = new Set<string>();

beforeAll(async () => {
  world = await openWorld(Date.now());
  ticking = setInterval(() => (world.now = Date.now()), 20);
  metrics = await world.start();
  const started = otherServices.map(async (service) => [service, await start(service)] as const);
  others = Object.fromEntries(await Promise.all(started)) as typeof others;
});

afterAll(async () => {
  for (const other of Object.values(others)) await other.close();
  await world.close();
  clearInterval(ticking);
});

const start = (service: (typeof otherServices)[number]): Promise<OtherService> =>
  startOther(world, service, {
    purge: (store, purge) => async (fence, count) => {
      if (!stubborn.has(store)) await purge(fence, count);
    },
  });

/** A tenant with a key and a record in every store. */
async function newTenant(): Promise<string> {
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

interface Erasure {
  state: string;
  missing: string[];
  leftovers: string[];
  receipts: { store: string; deleted: number; jws: string }[];
  certificate: string | null;
}

async function ask(tenant: string): Promise<{ location: string; nonce: string | undefined }> {
  const answer = await world.request('POST', '/v1/erasures', operatorToken, { tenant });
  expect(answer.status).toBe(202);
  const { nonce } = (await answer.json()) as { nonce?: string };
  return { location: answer.headers.get('location') ?? '', nonce };
}

async function look(location: string): Promise<Erasure> {
  const answer = await world.request('GET', location, operatorToken);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Erasure;
}

const reaches = (location: string, state: string): Promise<Erasure> =>
  eventually(
    async () => {
      const erasure = await look(location);
      expect(erasure.state, JSON.stringify([erasure.missing, erasure.leftovers])).toBe(state);
      return erasure;
    },
    { timeout: 60_000, every: 200 },
  );

async function read(certificate: string | null): Promise<Certificate> {
  const keys = (await (
    await world.request('GET', '/.well-known/jwks.json')
  ).json()) as JSONWebKeySet;
  expect(keys.keys.every((key) => !('d' in key))).toBe(true);
  const { payload, protectedHeader } = await compactVerify(
    certificate ?? '',
    createLocalJWKSet(keys),
  );
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: certificateType });
  return Certificate.parse(JSON.parse(Buffer.from(payload).toString()));
}

test('Erasure (Art 17): every store answers, the key dies with its root, and a certificate says so', async () => {
  const tenant = await newTenant();
  const other = await newTenant();
  const { location, nonce = '' } = await ask(tenant);
  const erasure = await reaches(location, 'completed_live');

  const stores = [...answeringStores(registry).keys()].toSorted();
  expect(erasure.receipts.map(({ store }) => store).toSorted()).toEqual(stores);
  const certificate = await read(erasure.certificate);
  expect(certificate.receipts.map(({ store }) => store).toSorted()).toEqual(stores);
  expect(certificate.commitment).toBe(commitmentOf(nonce, tenant));
  expect(JSON.stringify(certificate)).not.toContain(tenant);
  expect(certificate.fence.processes).toEqual({
    ingress: 1,
    delivery: 1,
    logging: 1,
    identity: 1,
    privacy: 1,
  });
  expect(certificate.sweeps.length).toBe(2);
  for (const { found } of certificate.sweeps) {
    expect(Object.values(found).every((count) => count === 0)).toBe(true);
  }
  expect(certificate.keys.destroyed[0]).toMatch(/^epoch-/);
  expect(certificate.keys.triedRoots).not.toContain(certificate.keys.destroyed[0]);
  // Its own records and the canaries: at least one each was there.
  for (const { store, deleted } of erasure.receipts) {
    if (!store.startsWith('queue.')) expect(deleted, store).toBeGreaterThan(0);
  }

  const ingress = await world.client('ingress');
  expect(await ingress.call(internalApis.resolveKeys, { tenant })).toEqual({
    state: 'erased',
    keys: {},
    destroyed: [],
  });
  expect((await ingress.call(internalApis.resolveKeys, { tenant: other })).state).toBe('active');
  const { fences } = await ingress.call(internalApis.fences, {});
  expect(fences.map((fence) => fence.tenant)).toContain(tenant);
  expect(JSON.stringify(world.lines)).not.toContain(nonce);
}, 90_000);

test('asking again gives the same erasure and no second nonce; only an operator may', async () => {
  const tenant = await newTenant();
  const [first, second] = await Promise.all([ask(tenant), ask(tenant)]);
  expect(second.location).toBe(first.location);
  expect([first.nonce, second.nonce].filter((nonce) => nonce !== undefined).length).toBe(1);
  const done = await reaches(first.location, 'completed_live');
  expect((await ask(tenant)).location).toBe(first.location);
  expect((await look(first.location)).certificate).toBe(done.certificate);

  const unknown = await world.request('POST', '/v1/erasures', operatorToken, {
    tenant: randomUUID(),
  });
  expect(unknown.status).toBe(404);
  const owner = await world.request('POST', '/v1/erasures', ownerToken, { tenant });
  expect(owner.status).toBe(403);
}, 90_000);

test('a silent store never counts as done: partial, with its name and a metric, until it answers', async () => {
  const tenant = await newTenant();
  await others.logging.close();
  const { location } = await ask(tenant);
  await eventually(
    async () => {
      const { state, missing, certificate } = await look(location);
      expect([state, missing, certificate]).toEqual(['partial', ['fence of logging'], null]);
    },
    { timeout: 60_000 },
  );
  await eventually(async () =>
    expect(await metrics.metrics()).toMatch(/^mysmtp_erasures\{state="partial"\} 1$/m),
  );
  others.logging = await start('logging');
  await reaches(location, 'completed_live');
  await eventually(async () =>
    expect(await metrics.metrics()).toMatch(/^mysmtp_erasures\{state="partial"\} 0$/m),
  );
}, 120_000);

test('what a sweep finds makes it failed, and there is no certificate until nothing is found', async () => {
  stubborn.add('delivery.dkimKeys');
  const tenant = await newTenant();
  const { location } = await ask(tenant);
  const failed = await reaches(location, 'failed');
  expect(failed.leftovers).toEqual(['delivery.dkimKeys']);
  expect(failed.certificate).toBeNull();
  stubborn.clear();
  const done = await reaches(location, 'completed_live');
  expect(done.leftovers).toEqual([]);
}, 90_000);

test('receipts doubled, late or forged: each store counts once, and only its own service can sign', async () => {
  const tenant = await newTenant();
  stubborn.add('logging.messages');
  const { location } = await ask(tenant);
  const requestId = location.split('/').at(-1) ?? '';
  await eventually(async () => expect((await look(location)).receipts).not.toEqual([]), {
    timeout: 30_000,
  });

  const broker = { url: world.broker.url, name: 'test', log: world.log };
  const publisher = await openPublisher(broker);
  await eventually(() => expect(publisher.isReady()).toBe(true));
  const say = (key: string, jws: string) =>
    publisher.publish({
      exchange: 'privacy',
      key,
      content: Buffer.from(JSON.stringify({ v: 1, kind: 'receipt', erasure: requestId, jws })),
    });
  const signAs = async (service: 'logging' | 'identity', store: string, deleted: number) => {
    const receipts = await openReceipts(service, path.join(world.dir, `${service}.jwk`), Date);
    return receipts.sign({ requestId, store, matched: deleted, deleted });
  };
  const loggingKey = routingKeys.erasureAnswer('logging');
  const more = await signAs('logging', 'logging.messages', 7);
  for (const jws of [more, more, await signAs('logging', 'logging.messages', 3)]) {
    await say(loggingKey, jws);
  }
  // Of a store that is not its own, and with a signature that is not its own.
  await say(
    routingKeys.erasureAnswer('identity'),
    await signAs('identity', 'logging.identity', 99),
  );
  const broken = more.slice(0, -4) + (more.endsWith('AAAA') ? 'BBBB' : 'AAAA');
  await say(loggingKey, broken);

  await eventually(async () => {
    const refused = world.lines.filter(({ event }) => event === 'erasure.answer_refused');
    expect(refused.length).toBe(2);
    const ofLog = (await look(location)).receipts.filter(
      ({ store }) => store === 'logging.messages',
    );
    expect(ofLog.map(({ deleted }) => deleted)).toEqual([7]);
    // Somebody has to look at these: they page.
    expect(await metrics.metrics()).toMatch(/^mysmtp_dead_letters_total\{kind="erasure"\} 2$/m);
  });
  stubborn.clear();
  const done = await reaches(location, 'completed_live');
  const stores = done.receipts.map(({ store }) => store);
  expect(new Set(stores).size).toBe(stores.length);
  expect(done.receipts.find(({ store }) => store === 'logging.identity')?.deleted).not.toBe(99);
  await publisher.close();
}, 90_000);

test('privacy ends in the middle: the next process goes on, and each store is listed once', async () => {
  const tenant = await newTenant();
  const { location } = await ask(tenant);
  for (const step of ['planting', 'fencing']) {
    await eventually(async () => expect((await look(location)).state).toBe(step), {
      timeout: 30_000,
      every: 10,
    });
    await world.stop();
    metrics = await world.start();
  }
  const done = await reaches(location, 'completed_live');
  expect(done.receipts.length).toBe(answeringStores(registry).size);
  await read(done.certificate);
}, 180_000);

test('retention: requests and their proofs are forgotten after three years, and show their age', async () => {
  expect(await metrics.metrics()).toMatch(
    /^mysmtp_retention_limit_seconds\{store="privacy.erasures"\} 94611600$/m,
  );
  clearInterval(ticking);
  await world.stop();
  world.now = Date.now() + 3 * 365 * 86_400_000 + 60_000;
  metrics = await world.start();
  await eventually(async () => {
    const list = await world.request('GET', '/v1/erasures', operatorToken);
    expect(((await list.json()) as { erasures: unknown[] }).erasures).toEqual([]);
    // Each store has a job of its own: that one is through says nothing of the others.
    expect(await metrics.metrics()).toMatch(
      /^mysmtp_oldest_personal_record_age_seconds\{store="privacy.erasureAnswers"\} 0$/m,
    );
  });
}, 60_000);
