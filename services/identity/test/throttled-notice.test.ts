import { randomUUID } from 'node:crypto';
import { openBroker, openPublisher, type Publisher } from '@mysmtp/broker';
import {
  AuthAttempts,
  contentOf,
  day,
  internalApis,
  routingKeys,
  type QuotaReport,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findingsPerDay } from '../src/accounts/notice-finding.ts';
import { readDatabase } from './support/documents.ts';
import { openErasing, type Erasing } from './support/erasing.ts';
import type { Customer } from './support/customers.ts';
import { openRooms, startIdentity, type Identity } from './support/identity.ts';

const opened = new AsyncDisposableStack();
let erasing: Erasing;
let sibling: Identity;
/** Publishes as ingress. */
let publisher: Publisher;

beforeAll(async () => {
  erasing = opened.use(await openErasing());
  // A second process of identity gets the same broadcasts.
  sibling = opened.use(await startIdentity(erasing.world));
  const log = createLogger('ingress', 'error', { write: () => undefined });
  const broker = openBroker({ url: erasing.world.broker.url, service: 'ingress', log });
  opened.defer(() => broker.close());
  publisher = opened.adopt(openPublisher(broker), (open) => open.close());
});
afterAll(() => opened.disposeAsync());

/** Twenty failures of an account, as another process reports them. */
async function reportFailures(credential: string): Promise<void> {
  const failure = { networks: [], account: randomUUID(), credential, count: 20 };
  const content = contentOf(AuthAttempts, {
    v: 1,
    process: randomUUID(),
    failures: [failure],
    successes: [],
  });
  await publisher.publish({ key: routingKeys.authAttempts('ingress'), content });
}

test('the owner is told once a day that authentications with a credential are throttled', async () => {
  const { world } = erasing;
  const customer = await erasing.register();
  const { credentials } = (await erasing.identity.call('GET', '/v1/credentials', customer.token))
    .body as { credentials: { id: string; username?: string }[] };
  const { id, username } = credentials.find((one) => one.username !== undefined) ?? { id: '' };
  // A process listens once it shares its counts with the others.
  await eventually(async () => {
    await reportFailures(id);
    expect(world.ingress.submitted).toMatchObject([
      { tenant: customer.id, to: 'jane.doe@example.org' },
    ]);
  });
  expect(world.ingress.submitted[0]?.text).toContain(username);
  await reportFailures(id);
  await reportFailures(id);

  const marked = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('credentials').findOne({ _id: id as never }),
  );
  const throttledAt = marked?.['throttledAt'] as number;
  const clock = { now: () => throttledAt + day - 1 };
  await using rooms = await openRooms(world, undefined, clock);
  const mark = () => rooms.stores.credentials.markThrottled(id);
  expect(await mark()).toBeUndefined();
  clock.now = () => throttledAt + day;
  expect(await mark()).toMatchObject({ tenant: customer.id, username });
  expect(await mark()).toBeUndefined();
  expect(await rooms.stores.credentials.markThrottled('unknown')).toBeUndefined();
  expect(world.ingress.submitted).toHaveLength(1);
});

const end = Date.UTC(2026, 11, 1);
const ofTenant = { about: 'limit', limit: 'messagesPerDay', max: 5_000, end } as const;

/** As two processes of ingress tell it at once, each to another process of identity, and again later. */
async function report(what: QuotaReport): Promise<void> {
  const { identity } = erasing;
  const tell = (to: Identity) => to.client.call(internalApis.reportQuota, what);
  await Promise.all([tell(identity), tell(sibling)]);
  await tell(identity);
}

/** The notices to the owner, sorted: two processes submit them at once. */
async function noticesTo({ id }: Customer, count: number): Promise<string[]> {
  const { submitted } = erasing.world.ingress;
  const of = () => submitted.filter(({ tenant }) => tenant === id);
  await eventually(() => expect(of()).toHaveLength(count));
  return of()
    .map(({ subject, text }) => `${subject}: ${text.split('\n')[0] ?? ''}`)
    .toSorted();
}

test('the owner is told once at each level of a limit, in each window', async () => {
  const customer = await erasing.register();
  const tenant = customer.id;
  await report({ ...ofTenant, tenant, percent: 80 });
  await report({ ...ofTenant, tenant, percent: 100 });
  // It does not get less.
  await report({ ...ofTenant, tenant, percent: 80 });
  await report({ ...ofTenant, tenant, limit: 'octetsPerMonth', percent: 100 });
  await report({ ...ofTenant, tenant, percent: 80, end: end + day });
  const quota = '5,000 messages in a day';
  expect(await noticesTo(customer, 4)).toEqual([
    `80 % of a quota are used: 80 % of this quota are used: ${quota}. Its period ends on 2026-12-01 00:00 UTC.`,
    `80 % of a quota are used: 80 % of this quota are used: ${quota}. Its period ends on 2026-12-02 00:00 UTC.`,
    `A quota is used up: This quota is used up: ${quota}.`,
    'A quota is used up: This quota is used up: 5,000 octets in a month.',
  ]);
});

test('a notice names the credential, and says nothing about that of another tenant', async () => {
  const customer = await erasing.register();
  const other = await erasing.register();
  const { credentials } = (await erasing.identity.call('GET', '/v1/credentials', customer.token))
    .body as { credentials: { id: string; username?: string; network?: string }[] };
  for (const { id: credential } of credentials) {
    const about = { tenant: customer.id, credential, end } as const;
    await report({ ...ofTenant, ...about, limit: 'credentialMessagesPerDay', percent: 100 });
    await report({ about: 'bounces', ...about });
    await report({ about: 'bounces', ...about, tenant: other.id });
  }
  await report({ about: 'bounces', tenant: customer.id, credential: randomUUID(), end });
  const names = credentials.map(({ username, network = username }) => String(network));
  expect(names).toHaveLength(2);
  const told = await noticesTo(customer, 4);
  for (const name of names) {
    expect(told).toContainEqual(expect.stringMatching(`^A quota.*the credential ${name}`));
    expect(told).toContainEqual(expect.stringMatching(`^Too much mail.*the credential ${name}`));
  }
  expect(await noticesTo(other, 0)).toEqual([]);
});

test('the owners are told of a finding once, and of a bounded number in a day, whatever logging sends', async () => {
  const customer = await erasing.register();
  // The job that submits notices has the real time.
  const clock = { time: Date.now() - day, now: () => clock.time };
  await using rooms = await openRooms(erasing.world, undefined, clock);
  const { noticeFinding } = rooms.stores;
  const finding = (name: string) => ({
    id: `${name}:guessed-secret`,
    tenant: customer.id,
    rule: 'guessed-secret' as const,
    at: clock.time,
  });
  await Promise.all([noticeFinding(finding('a')), noticeFinding(finding('a'))]);
  await noticeFinding(finding('a'));
  expect(await noticesTo(customer, 1)).toHaveLength(1);
  for (let n = 0; n < 30; n += 1) await noticeFinding(finding(String(n)));
  expect(await noticesTo(customer, findingsPerDay)).toHaveLength(findingsPerDay);
  // On the next day again, but not of what they know.
  clock.time += day;
  await noticeFinding(finding('a'));
  await noticeFinding(finding('next'));
  expect(await noticesTo(customer, findingsPerDay + 1)).toHaveLength(findingsPerDay + 1);
  const stored = await readDatabase(erasing.world.mongodbUrl, (db) =>
    db.collection('tenants').findOne({ _id: customer.id as never }),
  );
  const today = clock.time - (clock.time % day);
  const told = stored?.['toldFindings'] as { ids: string[] } | undefined;
  expect(told).toMatchObject({ day: today, count: 1 });
  expect(told?.ids).toHaveLength(findingsPerDay + 1);
});

test('a notice that cannot be kept is kept when the report is repeated', async () => {
  const customer = await erasing.register();
  const what = { ...ofTenant, tenant: customer.id, percent: 100 } as const;
  const { privacy } = erasing.world;
  // A process without the keys of the tenant.
  await using rooms = await openRooms(erasing.world);
  await privacy.stop();
  await expect(rooms.stores.noticeQuota(what)).rejects.toThrow();
  await privacy.start();
  await eventually(() => rooms.stores.noticeQuota(what));
  expect(await noticesTo(customer, 1)).toHaveLength(1);
}, 60_000);
