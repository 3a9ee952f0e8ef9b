import { randomUUID } from 'node:crypto';
import {
  bouncesBeforeThrottle,
  contentOf,
  CredentialOutcomes,
  day,
  minute,
  routingKeys,
} from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import { eventually } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anotherCredential, revokeAccount, type Account } from './support/accounts.ts';
import type { RawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;
let from: string;
let token: string;

beforeEach(async () => {
  world = await openWorld();
  world.now = Date.UTC(2026, 10, 30, 10, 30);
  account = await world.account();
  from = `a@${account.domain}`;
  token = randomUUID();
  const { neighbours } = world;
  const state = { role: 'owner', tenant: account.tenant, hash: hashToken(token) } as const;
  neighbours.know({ entity: 'token', id: randomUUID(), state });
  const limits = { throttledMessagesPerHour: 2 };
  const tenant = { status: 'active', limits } as const;
  neighbours.know({ entity: 'tenant', id: account.tenant, state: tenant });
  await world.consume();
  await world.start();
});
afterEach(() => world.close());

/** As delivery says it. */
const say = (
  delivered: number,
  bounced: number,
  { tenant, credential } = account,
): Promise<void> => {
  const outcomes = [{ tenant, credential, delivered, bounced }];
  const content = contentOf(CredentialOutcomes, { v: 1, outcomes });
  return world.broker.say('delivery', { key: routingKeys.credentialOutcomes, content });
};

async function throttledUntil({ credential } = account): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${String(world.config.apiPort)}/v1/usage`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = (await response.json()) as {
    credentials: { id: string; throttledUntil: string | null }[];
  };
  return body.credentials.find(({ id }) => id === credential)?.throttledUntil;
}

const send = (client: RawClient) => submit(client, from, ['b@example.net'], message(from));

test('a credential whose mail bounces too often is throttled until the end of the day, also after a restart', async () => {
  const client = await world.session(account);
  // Until ingress has bound its queue, outcomes are lost.
  await eventually(async () => {
    await say(0, 0);
    expect(await throttledUntil()).toBeNull();
  });
  await say(bouncesBeforeThrottle * 9, bouncesBeforeThrottle);
  await say(0, 1);
  const end = '2026-12-01T00:00:00.000Z';
  await eventually(async () => expect(await throttledUntil()).toBe(end));
  for (let n = 0; n < 2; n += 1) expect((await send(client)).code).toBe(250);
  const reply =
    /^451 4\.7\.1 Too much mail of this credential bounces: until 2026-12-01T00:00Z it may send 2 messages in an hour$/;
  expect((await send(client)).text).toMatch(reply);
  client.destroy();

  await world.stop();
  await world.start();
  expect(await throttledUntil()).toBe(end);
  const again = await world.session(account);
  expect((await send(again)).text).toMatch(reply);
  // Nobody has to lift it.
  world.now = (world.now ?? 0) + day;
  expect((await send(again)).code).toBe(250);
  again.destroy();
  const told = world.lines.filter(({ event }) => event === 'credential.throttled');
  expect(told.map(({ credential }) => credential)).toEqual([account.credential]);
  const { tenant, credential } = account;
  expect(world.neighbours.quotaReports).toEqual([
    { about: 'bounces', tenant, credential, end: Date.parse(end) },
  ]);
});

test('a new credential is throttled with its tenant, by the bounces of a revoked one too, and one that has been used for days is not', async () => {
  const first = await world.session(account);
  expect((await send(first)).code).toBe(250);
  first.destroy();
  await eventually(async () => expect(await stored()).toBe(1));
  world.now = (world.now ?? 0) + 4 * day;

  const bouncing = await anotherCredential(world, account);
  await eventually(async () => {
    await say(0, 0);
    await say(0, 0, bouncing);
    expect(await throttledUntil(bouncing)).toBeNull();
  });
  await revokeAccount(world, bouncing);
  await eventually(async () => expect(await throttledUntil(bouncing)).toBeUndefined());
  await say(0, bouncesBeforeThrottle, bouncing);

  const next = await anotherCredential(world, account);
  const successor = await world.session(next);
  const [end, established] = ['2026-12-05T00:00:00.000Z', await world.session(account)];
  expect((await send(successor)).code).toBe(250);
  await eventually(async () => expect(await throttledUntil(next)).toBe(end));
  expect(await throttledUntil()).toBeNull();
  // Its messages count with those of the others.
  expect((await send(established)).code).toBe(250);
  const reply =
    /^451 4\.7\.1 Too much mail of this account bounces: until 2026-12-05T00:00Z a new credential may send up to 2 messages in an hour, those of all other credentials included$/;
  expect((await send(successor)).text).toMatch(reply);
  const last = await world.session(await anotherCredential(world, account));
  expect((await send(last)).text).toMatch(reply);
  for (let n = 0; n < 3; n += 1) expect((await send(established)).code).toBe(250);
  for (const client of [successor, last, established]) client.destroy();

  await world.stop();
  await world.start();
  const again = await world.session(next);
  expect((await send(again)).text).toMatch(reply);
  world.now = (world.now ?? 0) + day;
  expect((await send(again)).code).toBe(250);
  again.destroy();
  // Their own mail did not bounce.
  expect(world.neighbours.quotaReports).toEqual([]);
});

test('few bounces do not throttle, whatever their share', async () => {
  await say(0, bouncesBeforeThrottle - 1);
  const client = await world.session(account);
  for (let n = 0; n < 4; n += 1) expect((await send(client)).code).toBe(250);
  client.destroy();
  expect(await throttledUntil()).toBeNull();
});

/** Sends so many recipients in messages of fifty, to the same fifty recipients unless `first` is given. */
async function sendTo(
  client: RawClient,
  recipients: number,
  { as = from, first }: { as?: string; first?: number } = {},
): Promise<void> {
  for (let at = 0; at < recipients; at += 50) {
    const to = Array.from(
      { length: Math.min(50, recipients - at) },
      (_, n) => `b${String(first === undefined ? n : first + at + n)}@example.net`,
    );
    expect((await submit(client, as, to, message(as))).code).toBe(250);
  }
}

test('a credential that sends far more than in its busiest hour of a week is throttled until the end of the day, also after a restart', async () => {
  const began = (world.now ?? 0) - ((world.now ?? 0) % day);
  for (const days of [2, 4, 1]) {
    const client = await world.session(account);
    await sendTo(client, 30);
    client.destroy();
    // Written once a second.
    await eventually(async () => expect(await stored()).toBe(30));
    world.now = (world.now ?? 0) + days * day;
  }
  const client = await world.session(account);
  // Five times the busiest hour.
  await sendTo(client, 150);
  await eventually(async () => expect(await stored()).toBe(150));
  expect(await throttledUntil()).toBeNull();
  await sendTo(client, 50);
  const end = '2026-12-08T00:00:00.000Z';
  await eventually(async () => expect(await throttledUntil()).toBe(end));
  expect(await usage()).toMatchObject({ unusualDay: Date.parse(end) - day, since: began });
  client.destroy();

  await world.stop();
  await world.start();
  const again = await world.session(account);
  expect((await send(again)).text).toMatch(
    /^451 4\.7\.1 This credential sends far more mail than usual: until 2026-12-08T00:00Z it may send 2 messages in an hour$/,
  );
  world.now = (world.now ?? 0) + day;
  expect((await send(again)).code).toBe(250);
  again.destroy();
  const told = world.lines.filter(({ event }) => event === 'credential.volume_unusual');
  expect(told.map(({ credential }) => credential)).toEqual([account.credential]);
});

test('the first newsletter of a credential is usual in its first week, and in the first week after a pause', async () => {
  const sendDaysLater = async (days: number, recipients: number) => {
    world.now = (world.now ?? 0) + days * day;
    const client = await world.session(account);
    await sendTo(client, recipients);
    client.destroy();
    await eventually(async () => expect(await stored()).toBe(recipients));
  };
  await sendDaysLater(0, 10);
  await sendDaysLater(6, 150);
  expect(await throttledUntil()).toBeNull();
  // A whole week without mail.
  await sendDaysLater(8, 10);
  await sendDaysLater(6, 150);
  expect(await throttledUntil()).toBeNull();
  expect(await usage()).not.toHaveProperty('unusualDay');
});

test('a credential that sends as much as usual to new recipients is throttled, and one that sends more to known ones is not', async () => {
  const usual = await world.account();
  const senders = [account, usual];
  const sendAs = async (sender: Account, recipients: number, first?: number) => {
    const client = await world.session(sender);
    await sendTo(client, recipients, {
      as: `a@${sender.domain}`,
      ...(first !== undefined && { first }),
    });
    client.destroy();
  };
  // A hundred recipients on two days of a week, half of them different.
  for (const days of [5, 2]) {
    for (const sender of senders) await sendAs(sender, 100);
    world.now = (world.now ?? 0) + days * day;
  }
  await sendAs(usual, 400);
  // Five times the new recipients of the first day. Less than five times the volume.
  await sendAs(account, 250, 1_000);
  // A few more. Their reply depends on the estimate of those before: it may be a little too high.
  const more = Array.from({ length: 50 }, (_, n) => `b${String(2_000 + n)}@example.net`);
  const sending = await world.session(account);
  await submit(sending, from, more, message(from));
  sending.destroy();
  const end = '2026-12-08T00:00:00.000Z';
  await eventually(async () => expect(await throttledUntil()).toBe(end));
  expect(await usage()).toMatchObject({
    unusualDay: Date.parse(end) - day,
    unusual: 'recipients',
  });

  await world.stop();
  await world.start();
  const client = await world.session(account);
  expect((await send(client)).text).toMatch(
    /^451 4\.7\.1 This credential sends to far more new recipients than usual: until 2026-12-08T00:00Z it may send 2 messages in an hour$/,
  );
  client.destroy();
  expect(await sketches()).toHaveLength(3);
  expect(await usage(usual)).not.toHaveProperty('unusualDay');
  expect(await sketches(usual)).toHaveLength(3);
  const found = world.lines.filter(({ event }) => event === 'credential.recipients_unusual');
  expect(found.map(({ credential }) => credential)).toEqual([account.credential]);

  // A sketch ends seven days after its day.
  await world.stop();
  world.now = Date.parse(end) + 5 * day;
  await world.start();
  await eventually(async () => expect(await sketches()).toHaveLength(1));
});

/** What is in the database of the credential. */
async function usage(of = account) {
  const mongo = new MongoClient(world.database.url);
  try {
    return await mongo
      .db()
      .collection<{
        _id: string;
        hour: { start: number; recipients: number };
        since?: number;
        unusualDay?: number;
        unusual?: string;
      }>('usage')
      .findOne({ _id: of.credential });
  } finally {
    await mongo.close();
  }
}

async function sketches({ credential } = account) {
  const mongo = new MongoClient(world.database.url);
  try {
    return await mongo.db().collection('recipientSketches').find({ credential }).toArray();
  } finally {
    await mongo.close();
  }
}

/** The recipients of this hour that are in the database. */
async function stored(): Promise<number | undefined> {
  const hour = (await usage())?.hour;
  return hour?.start === (world.now ?? 0) - 30 * minute ? hour.recipients : undefined;
}
