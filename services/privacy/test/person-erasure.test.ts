import { randomUUID } from 'node:crypto';
import { verify, type JwkSet } from '@mysmtp/certificate';
import {
  answeringStores,
  commitmentTo,
  internalApis,
  Receipt,
  registry,
  routingKeys,
  type Certificate,
  type Hold,
} from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { decodeJwt } from 'jose';
import mongoose, { mongo, type Connection } from 'mongoose';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAnswers } from '../src/erasures/answers.ts';
import { frozen } from '../src/erasures/certificate.ts';
import { forgotten, openLedger, type Ledger } from '../src/erasures/ledger.ts';
import { erasureExpiry } from '../src/jobs/expire-erasures.ts';
import { erasure as erasureRight } from '../src/rights/erasure.ts';
import { openTenantModel } from '../src/tenants/tenant.ts';
import { openErasing, type Erasing } from './erasing.ts';
import { personIn } from './other-services.ts';
import type { World } from './running-service.ts';

let erasing: Erasing;
let world: World;
let connection: Connection;
let ledger: Ledger;

beforeAll(async () => {
  erasing = await openErasing();
  ({ world } = erasing);
  connection = await mongoose.createConnection(world.databases.privacy).asPromise();
  ledger = await openLedger(connection);
}, 60_000);

afterAll(async () => {
  await connection.close();
  await erasing.close();
});

const newAddress = (): string => `Some.One+${randomUUID()}@person.example`;

const stores = [...answeringStores(registry, 'person').keys()].toSorted();

/** How many records name the person, in the databases of the other services. */
async function recordsOf(person: string): Promise<number> {
  let count = 0;
  for (const [service, collection, path] of [
    ['delivery', 'deferred', 'recipients.index'],
    ['delivery', 'deferred', 'senderIndex'],
    ['delivery', 'deferred', 'about'],
    ['logging', 'messages_2026_11_24', 'recipientIndex'],
    ['logging', 'messages_2026_11_24', 'senderIndex'],
  ] as const) {
    await using client = new mongo.MongoClient(world.databases[service]);
    count += await client
      .db()
      .collection(collection)
      .countDocuments({ [path]: person });
  }
  return count;
}

async function check(certificate: string | null, opening?: { address: string; nonce: string }) {
  const keys = (await (await world.request('GET', '/.well-known/jwks.json')).json()) as JwkSet;
  const { holds, checks } = await verify(
    certificate ?? '',
    keys,
    () => Promise.resolve(frozen(registry)),
    opening && {
      subject: { kind: 'person', address: opening.address },
      nonce: opening.nonce,
    },
  );
  return { holds, reasons: checks.flatMap(({ reasons }) => reasons) };
}

const idOf = (location: string): string => location.split('/').at(-1) ?? '';

/** An erasure of a person that waits in a purge of logging until `goOn`. */
async function heldErasure() {
  const tenant = await erasing.newTenant();
  const address = newAddress();
  const person = await erasing.fillPerson(tenant, address);
  const end = Promise.withResolvers<void>();
  erasing.held.set('logging.messages', () => end.promise);
  const { location } = await erasing.ask(tenant, address);
  const goOn = (): void => {
    end.resolve();
    erasing.held.clear();
  };
  return { tenant, address, person, location, goOn };
}

test('one of two customers with the same address: erased there, with a certificate, and nowhere else', async () => {
  const [tenant, another] = [await erasing.newTenant(), await erasing.newTenant()];
  const address = newAddress();
  const person = await erasing.fillPerson(tenant, address);
  const elsewhere = await erasing.fillPerson(another, address);
  const neighbour = await erasing.fillPerson(tenant, newAddress());
  expect(await recordsOf(person)).toBe(5);

  const { location, nonce = '' } = await erasing.ask(tenant, address);
  const same = await erasing.ask(tenant, address.replace('person.example', 'PERSON.Example'));
  expect(same).toEqual({ location, nonce: undefined });
  const done = await erasing.reaches(location, 'completed_live');
  expect(done.receipts.map(({ store }) => store).toSorted()).toEqual(stores);
  const removed = new Map(done.receipts.map(({ store, deleted }) => [store, deleted]));
  expect([removed.get('delivery.deferred'), removed.get('logging.messages')]).toEqual([3, 2]);
  // What has no data of persons says so.
  expect(removed.get('identity.people')).toBe(0);
  expect(await Promise.all([person, elsewhere, neighbour].map(recordsOf))).toEqual([0, 5, 5]);

  // No request in the ledger tells the sub-processors of it.
  expect(done.notified).toMatchObject([
    { recipient: 'Example Hosting GmbH', at: null, reason: null },
    { recipient: 'Example Resolver BV', at: null, reason: expect.any(String) as string },
  ]);
  expect(await check(done.certificate, { address, nonce })).toEqual({ holds: true, reasons: [] });
  const upper = { address: address.replace('person.example', 'PERSON.EXAMPLE'), nonce };
  expect((await check(done.certificate, upper)).holds).toBe(true);
  for (const wrong of [
    { address: address.toLowerCase(), nonce },
    { address, nonce: 'another' },
  ]) {
    expect((await check(done.certificate, wrong)).reasons).toEqual([
      'It is not about the person whose address you gave, or the nonce is another one',
    ]);
  }
  const content = decodeJwt<Certificate>(done.certificate ?? '');
  expect(content.keys).toEqual({ destroyed: [], triedRoots: [] });
  expect(content.canaries.toSorted()).toEqual([
    'delivery.deferred',
    'logging.messages',
    'privacy.deadLetters',
    'privacy.exports',
    'privacy.orderParts',
    'privacy.orders',
    'privacy.requests',
  ]);
  expect(JSON.stringify(content)).not.toContain(person);
  // Everybody else of the tenant needs its keys.
  expect((await world.ask('ingress', tenant)).state).toBe('active');
  const identity = await world.client('ingress');
  const { fences } = await identity.call(internalApis.fences, {});
  expect(fences).toContainEqual({
    erasure: idOf(location),
    subject: { kind: 'person', tenant, person },
    before: Date.parse(content.fence.raisedAt),
  });
  // The same address may be erased again.
  await erasing.fillPerson(tenant, address);
  const again = await erasing.ask(tenant, address);
  expect(again.location).not.toBe(location);
  await erasing.reaches(again.location, 'completed_live');
  expect(await recordsOf(person)).toBe(0);
}, 120_000);

test('no answer and no log line names the address or its blind index', async () => {
  const tenant = await erasing.newTenant();
  const address = newAddress();
  const person = await erasing.fillPerson(tenant, address);
  const { location } = await erasing.ask(tenant, address);
  const done = await erasing.reaches(location, 'completed_live');
  for (const text of [JSON.stringify(done), JSON.stringify(world.lines)]) {
    expect(text).not.toContain(person);
    expect(text).not.toContain(address);
  }
}, 60_000);

test('receipts lost, doubled and in another order: every store counts once', async () => {
  const { location, goOn } = await heldErasure();
  const given = await eventually(
    async () => {
      const { receipts } = await erasing.look(location);
      const ofDelivery = receipts.find(({ store }) => store === 'delivery.deferred');
      if (ofDelivery === undefined) throw new Error('not yet');
      return ofDelivery;
    },
    { timeout: 30_000 },
  );
  const say = async (jws: string): Promise<void> => {
    const signed = await world.keys.as('delivery');
    await world.broker.say('delivery', {
      key: routingKeys.erasureAnswer('delivery'),
      content: await signed.sign('answer', {
        v: 1,
        kind: 'receipt',
        erasure: idOf(location),
        jws,
      }),
    });
  };
  // Lost: as if it had never arrived. It is given again, and after it an older one twice.
  const answers = connection.collection<{ _id: string }>('erasureAnswers');
  await answers.deleteOne({ _id: `${idOf(location)} delivery.deferred` });
  await eventually(
    async () => {
      const { receipts } = await erasing.look(location);
      expect(receipts.map(({ store }) => store)).toContain('delivery.deferred');
    },
    { timeout: 30_000 },
  );
  await say(given.jws);
  await say(given.jws);
  goOn();
  const done = await erasing.reaches(location, 'completed_live');
  expect(done.receipts.map(({ store }) => store).toSorted()).toEqual(stores);
  expect(done.receipts.find(({ store }) => store === 'delivery.deferred')?.deleted).toBe(3);
  expect((await check(done.certificate)).reasons).toEqual([]);
}, 90_000);

test('a silent store: partial with its name, and it continues when the store answers', async () => {
  const { person, location, goOn } = await heldErasure();
  const stuck = await erasing.reaches(location, 'partial');
  expect(stuck.missing).toContain('logging.messages');
  expect(stuck.certificate).toBeNull();
  goOn();
  await erasing.reaches(location, 'completed_live');
  expect(await recordsOf(person)).toBe(0);
}, 90_000);

test('privacy is started again in the middle, and a store that has records again is purged again', async () => {
  const tenant = await erasing.newTenant();
  const address = newAddress();
  const person = await erasing.fillPerson(tenant, address);
  erasing.stubborn.add('delivery.deferred');
  const { location } = await erasing.ask(tenant, address);
  const failed = await erasing.reaches(location, 'failed');
  expect(failed.leftovers).toEqual(['delivery.deferred']);
  erasing.stubborn.clear();
  await erasing.restartPrivacy();
  const done = await erasing.reaches(location, 'completed_live');
  expect(done.leftovers).toEqual([]);
  expect(await recordsOf(person)).toBe(0);
}, 120_000);

test('an upgrade with another coverage in the middle: canaries of a substitute person', async () => {
  const { location, goOn } = await heldErasure();
  await erasing.purges(location);
  await ledger.updateOne(
    { _id: idOf(location) },
    { seenUnder: registry.version - 1, $pull: { seen: 'delivery.deferred' } },
  );
  goOn();
  const { certificate } = await erasing.reaches(location, 'completed_live');
  expect((await check(certificate)).reasons).toEqual([]);
  expect(decodeJwt<Certificate>(certificate ?? '').canaries).toContain('delivery.deferred');
  await eventually(
    async () => expect(await ledger.countDocuments({ step: { $ne: 'completed_live' } })).toBe(0),
    { timeout: 60_000 },
  );
}, 120_000);

/** The right of a request, as the job of requests calls it. */
async function newRight(holdsOf: () => Promise<readonly Hold[]>) {
  const clock = Date;
  const tenants = connection.models['Tenant'] ?? (await openTenantModel(connection));
  const answers = await openAnswersOnce();
  return erasureRight({ ledger, answers, tenants, clock, holdsOf });
}
let opened: ReturnType<typeof openAnswers> | undefined;
const openAnswersOnce = () => (opened ??= openAnswers(connection, Date));

const requestOf = async (tenant: string, address: string) => ({
  id: randomUUID(),
  kind: 'erasure' as const,
  tenant,
  person: await personIn(world, tenant, address),
  commitment: commitmentTo({ kind: 'person', address }, 'nonce').commitment,
  receivedAt: new Date(),
  address: async () => address,
  details: async () => null,
  byOwner: true,
  account: null,
  isPersonTold: false,
});

test('the right of a request: a hold keeps a store, its release erases the rest by another request', async () => {
  const tenant = await erasing.newTenant();
  const address = newAddress();
  const person = await erasing.fillPerson(tenant, address);
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const hold = { store: 'logging.messages', ground: 'A claim of the customer', until };
  let holds: readonly Hold[] = [hold];
  const right = await newRight(async () => holds);
  const request = await requestOf(tenant, address);
  const completed = async (asked: typeof request) =>
    eventually(
      async () => {
        const progress = await right(asked);
        expect(progress, JSON.stringify(progress.waitingFor)).toMatchObject({
          state: 'completed_live',
        });
        return progress;
      },
      { timeout: 60_000, every: 200 },
    );
  expect((await right(request)).state).toBe('in_progress');
  // A second request about the same person begins after the first.
  const later = await requestOf(tenant, address);
  expect(await right(later)).toMatchObject({
    state: 'in_progress',
    waitingFor: ['another erasure of the same person'],
  });
  const { certificate = '', receipts } = await completed(request);
  expect(receipts.map(({ store }) => store).toSorted()).toEqual(stores);
  expect(await recordsOf(person)).toBe(2);
  expect((await check(certificate, { address, nonce: 'nonce' })).reasons).toEqual([]);
  const content = decodeJwt<Certificate>(certificate);
  expect(content.holds).toEqual([hold]);
  const kept = { category: 'logging.messages: legal hold', ground: hold.ground, until };
  expect(content.retained).toContainEqual(kept);
  const receipt = receipts.find(({ store }) => store === 'logging.messages');
  expect(Receipt.parse(decodeJwt(receipt?.jws ?? ''))).toMatchObject({
    matched: 2,
    deleted: 0,
    retained: [kept],
  });
  holds = [];
  const { certificate: second = '' } = await completed(later);
  expect(await recordsOf(person)).toBe(0);
  expect(decodeJwt<Certificate>(second).holds).toBeUndefined();
}, 120_000);

test('the whole customer is erased meanwhile: the erasure of the person ends with it', async () => {
  const { tenant, address, location, goOn } = await heldErasure();
  await erasing.purges(location);
  const whole = await erasing.ask(tenant);
  await erasing.purges(whole.location);
  goOn();
  await erasing.reaches(whole.location, 'completed_live');
  await erasing.reaches(location, 'completed_live');
  const late = await world.request('POST', '/v1/erasures', 'operator-token', { tenant, address });
  expect(late.status).toBe(404);
}, 120_000);

test('the ledger forgets the blind index with the fence, thirty days after the end', async () => {
  const tenant = await erasing.newTenant();
  const address = newAddress();
  const { location } = await erasing.ask(tenant, address);
  await erasing.reaches(location, 'completed_live');
  const personNow = async () => (await ledger.findById(idOf(location)).lean())?.subject;
  const run = async (days: number): Promise<void> => {
    const clock = { now: () => Date.now() + days * 86_400_000 };
    const answers = await openAnswersOnce();
    await erasureExpiry({ ledger, answers, clock, metrics: new Registry() })();
  };
  await run(29);
  expect(await personNow()).toMatchObject({ person: await personIn(world, tenant, address) });
  await run(31);
  expect(await personNow()).toEqual({ kind: 'person', tenant, person: forgotten });
  const client = await world.client('ingress');
  const { fences } = await client.call(internalApis.fences, {});
  expect(fences.map(({ erasure }) => erasure)).not.toContain(idOf(location));
}, 60_000);
