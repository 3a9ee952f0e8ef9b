import { randomUUID } from 'node:crypto';
import {
  answeringStores,
  Certificate,
  certificateType,
  commitmentOf,
  internalApis,
  operatorRealm,
  registry,
  type Fence,
} from '@mysmtp/contracts';
import * as scheduler from '@mysmtp/service';
import { eventually, watchPacedJobs, type PacedJobs } from '@mysmtp/test-kit';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advancePace } from '../src/jobs/advance-erasures.ts';
import { openErasing, type Erasing } from './erasing.ts';
import { operatorToken, ownerToken, restrictedTenant, type World } from './running-service.ts';

const { idle } = advancePace(500);

let erasing: Erasing;
let world: World;
let jobs: PacedJobs;

beforeAll(async () => {
  jobs = watchPacedJobs(scheduler);
  erasing = await openErasing();
  ({ world } = erasing);
});

afterAll(async () => {
  jobs[Symbol.dispose]();
  await erasing.close();
});

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

test('Restriction (Art 18): a restricted tenant is not erased, within a second, until that is lifted', async () => {
  const ask = async () => {
    const body = { tenant: restrictedTenant };
    const response = await world.request('POST', '/v1/erasures', operatorToken, body);
    return { status: response.status, body: await response.json() };
  };
  function change(version: number, status: 'active' | 'restricted'): Promise<void> {
    const entity = 'tenant' as const;
    const changed = { v: 1, entity, id: restrictedTenant, version, state: { status } };
    return world.keys.tell(world.broker, changed);
  }
  const within = { timeout: 1_000, every: 20 };
  const refused = { status: 451, body: { type: 'urn:mysmtp:problem:restricted' } };
  await eventually(async () => expect(await ask()).toMatchObject(refused));
  await change(2, 'active');
  await eventually(async () => expect(await ask()).toMatchObject({ status: 404 }), within);
  await change(3, 'restricted');
  await eventually(async () => expect(await ask()).toMatchObject(refused), within);
});

/** Notification (19): a sub-processor that may have copies gets a mail about an erasure; its time is kept. */
async function isTold(location: string, tenant: string): Promise<void> {
  const _id = location.split('/').at(-1) ?? '';
  const hosting = { recipient: 'Example Hosting GmbH', reason: null };
  const { notified } = await erasing.look(location);
  expect(notified[0]).toEqual({ ...hosting, at: null, message: null });
  // The hour in which a mail collects is over.
  await using client = await mongo.MongoClient.connect(world.databases.privacy);
  const erasures = client.db().collection<{ _id: string }>('erasures');
  await erasures.updateOne({ _id }, { $set: { noticesDue: new Date(0) } });
  await eventually(async () => {
    const [told] = (await erasing.look(location)).notified;
    expect(told).toMatchObject({ ...hosting, at: expect.any(String) as string });
  });
  const mail = world.mails.filter(({ text }) => text.includes(_id));
  expect(mail.map(({ to }) => to)).toEqual(['privacy@hosting.example.com']);
  expect(mail[0]?.text).not.toContain(tenant);
}

test('Erasure (Art 17): every store answers, the key is destroyed with its root, and a certificate states it', async () => {
  const tenant = await erasing.newTenant();
  const other = await erasing.newTenant();
  // The request wakes the job of erasures.
  const { location, nonce = '' } = await jobs.whileIdle('advance-erasures', async () => {
    const asked = await erasing.ask(tenant);
    await eventually(async () =>
      expect((await erasing.look(asked.location)).state).not.toBe('planting'),
    );
    return asked;
  });
  const erasure = await erasing.reaches(location, 'completed_live');

  const stores = [...answeringStores(registry, 'tenant').keys()].toSorted();
  expect(erasure.receipts.map(({ store }) => store).toSorted()).toEqual(stores);
  const certificate = await read(erasure.certificate);
  expect(certificate.receipts.map(({ store }) => store).toSorted()).toEqual(stores);
  expect(certificate.subject).toEqual({ kind: 'tenant', commitment: commitmentOf(nonce, tenant) });
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
  // Its own records and the canaries: each store had at least one.
  for (const { store, deleted } of erasure.receipts) {
    if (!store.startsWith('queue.')) expect(deleted, store).toBeGreaterThan(0);
  }
  await isTold(location, tenant);

  const ingress = await world.client('ingress');
  expect(await world.ask('ingress', tenant)).toEqual({
    state: 'erased',
    keys: {},
    destroyed: [],
  });
  expect((await world.ask('ingress', other)).state).toBe('active');
  const { fences } = await ingress.call(internalApis.fences, {});
  expect(fences.map(({ subject }) => subject.tenant)).toContain(tenant);
  expect(JSON.stringify(world.lines)).not.toContain(nonce);

  const id = location.split('/').at(-1) ?? '';
  const standing = (fence: Fence) => ingress.call(internalApis.standing, fence);
  const of = (whose: string) => ({ kind: 'tenant', tenant: whose }) as const;
  expect(await standing({ erasure: id, subject: of(tenant) })).toEqual({
    known: true,
    may: ['fence'],
  });
  // These were not requested.
  for (const fence of [
    { erasure: id, subject: of(other) },
    { erasure: randomUUID(), subject: of(tenant) },
  ]) {
    expect(await standing(fence)).toEqual({ known: false, may: [] });
  }
}, 90_000);

test('identity is purged after the stores of all others have answered: they receive its deletions as events', async () => {
  const tenant = await erasing.newTenant();
  let location = '';
  const answered = Promise.withResolvers<string[]>();
  erasing.held.set('identity.tokens', async () => {
    const { receipts } = await erasing.look(location);
    answered.resolve(receipts.map(({ store }) => store));
  });
  ({ location } = await erasing.ask(tenant));
  const others = registry.collections
    .filter(({ service, subject }) => service !== 'identity' && subject?.erased === 'purge')
    .map(({ id }) => id);
  expect(others.length).toBeGreaterThan(5);
  expect(await answered.promise).toEqual(expect.arrayContaining(others));
  erasing.held.clear();
  await erasing.reaches(location, 'completed_live');
}, 90_000);

test('a repeated request returns the same erasure and no second nonce; only an operator may request one', async () => {
  const tenant = await erasing.newTenant();
  const [first, second] = await Promise.all([erasing.ask(tenant), erasing.ask(tenant)]);
  expect(second.location).toBe(first.location);
  expect([first.nonce, second.nonce].filter((nonce) => nonce !== undefined).length).toBe(1);
  const asked = world.lines.filter(
    (line) => line.event === 'erasure.requested' && line['tenant'] === tenant,
  );
  expect(asked).toMatchObject([
    { actor: 'token:k2', erasure: first.location.replace('/v1/erasures/', '') },
  ]);
  const done = await erasing.reaches(first.location, 'completed_live');
  expect((await erasing.ask(tenant)).location).toBe(first.location);
  expect((await erasing.look(first.location)).certificate).toBe(done.certificate);

  const unknown = await world.request('POST', '/v1/erasures', operatorToken, {
    tenant: randomUUID(),
  });
  expect(unknown.status).toBe(404);
  const owner = await world.request('POST', '/v1/erasures', ownerToken, { tenant });
  expect(owner.status).toBe(404);
}, 90_000);

test('privacy ends in the middle: the next process continues, and each store is listed once', async () => {
  const tenant = await erasing.newTenant();
  const { location } = await erasing.ask(tenant);
  await eventually(async () => expect((await erasing.look(location)).state).toBe('planting'), {
    timeout: 30_000,
    every: 10,
  });
  await erasing.restartPrivacy();
  const done = await erasing.reaches(location, 'completed_live');
  expect(done.receipts.length).toBe(answeringStores(registry, 'tenant').size);
  await read(done.certificate);
}, 180_000);

test('one of two processes ends in the middle: the other one, idle until then, continues within lease and idle pace', async () => {
  const another = await world.startAnother();
  const tenant = await erasing.newTenant();
  const end = Promise.withResolvers<void>();
  erasing.held.set('logging.messages', () => end.promise);
  // The idle process has just looked for work.
  await eventually(() => expect(world.now % idle).toBeLessThan(1_000));
  const { location } = await erasing.ask(tenant, undefined, another.url);
  await erasing.purges(location);
  // Its lease stays in the ledger, as after a crash.
  await another.close();
  end.resolve();
  erasing.held.clear();
  const leaseAndPace = 2 * idle;
  await eventually(async () => expect((await erasing.look(location)).step).not.toBe('purging'), {
    timeout: leaseAndPace + 2_000,
  });
  await erasing.reaches(location, 'completed_live');
}, 90_000);

test('retention: requests and their proofs are deleted after three years, and export their age', async () => {
  expect(await erasing.metrics()).toMatch(
    /^mysmtp_retention_limit_seconds\{store="privacy.erasures"\} 94611600$/m,
  );
  await erasing.restartPrivacy(Date.now() + 3 * 365 * 86_400_000 + 60_000);
  await eventually(async () => {
    const list = await world.request('GET', '/v1/erasures', operatorToken);
    expect(((await list.json()) as { erasures: unknown[] }).erasures).toEqual([]);
    // Each store has a job of its own: the end of one does not mean that the others have ended.
    const age =
      /^mysmtp_oldest_personal_record_age_seconds\{store="privacy.erasureAnswers"\} (\S+)$/m;
    expect(Number(age.exec(await erasing.metrics())?.[1])).toBeLessThan(60);
  });
}, 60_000);

test("the operators' realm is never erased", async () => {
  const identity = await world.client('identity');
  const tenant = operatorRealm;
  expect(await identity.call(internalApis.activateTenant, { tenant })).toEqual({ state: 'active' });
  const refused = await world.request('POST', '/v1/erasures', operatorToken, { tenant });
  expect(refused.status).toBe(404);
});
