import { randomUUID } from 'node:crypto';
import { day, type ServiceName } from '@mysmtp/contracts';
import type { Stack, StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { MongoClient, type Db } from 'mongodb';
import { expect } from 'vitest';
import { call } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { newCustomer } from '../kit/customers.ts';
import { testMessage } from '../kit/load.ts';

export interface Finding {
  readonly rule: string;
  readonly severity: string;
  readonly tenant: string | null;
}

export async function findingsFor(
  { api }: StackDescription,
  token: string,
): Promise<readonly Finding[]> {
  const { status, body } = await call(`${api.logging}/v1/findings?limit=500`, token);
  expect(status).toBe(200);
  return (body as { findings: Finding[] }).findings;
}

/** Does something with the rights of a service in its database. */
async function inDatabase<T>(
  stack: Stack,
  service: ServiceName,
  work: (database: Db) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(stack.databaseUrl(service));
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

interface Usage {
  readonly _id: string;
  readonly tenant: string;
  readonly hour: { readonly recipients: number };
  readonly since?: number;
}

/**
 * A new customer sends to 151 recipients in an hour, of whom 150 or 50 are different. Its busiest hour of the
 * last days had `usual` recipients, and for a week it has had no new ones: that is written into the database,
 * because no test can move the clocks of these processes.
 */
export async function sendMuch(
  stack: Stack,
  { usual, different }: { readonly usual: number; readonly different: 50 | 150 },
): Promise<{ readonly tenant: string; readonly token: string }> {
  const description = stack.description();
  const today = Math.floor(Date.now() / day);
  const domain = `${randomUUID().slice(0, 8)}.example`;
  const owner = `owner@${domain}`;
  const customer = await newCustomer(description, { name: 'Somebody', domain, owner });
  const { body } = await call(`${description.api.identity}/v1/credentials`, customer.ownerToken);
  const [id = ''] = (body as { credentials: { id: string }[] }).credentials.map((one) => one.id);
  await inDatabase(stack, 'ingress', async (database) => {
    const start = (today - 1) * day;
    const sketches = database.collection<{ _id: string; [field: string]: unknown }>(
      'recipientSketches',
    );
    await sketches.insertOne({
      _id: `${id}:${String(start)}`,
      credential: id,
      tenant: customer.id,
      start,
      since: start - 7 * day,
      first: 0,
      sketch: Buffer.alloc(1024),
    });
  });
  const session = await eventually(() => openSession(description, customer.credential), {
    every: 500,
  });
  const from = `hello@${domain}`;
  const send = async (count: number, first = 0) => {
    const to = Array.from({ length: count }, (_, n) => `reader-${String(first + n)}@example.net`);
    expect((await session.submit(from, to, testMessage(from, to, 500).message)).code).toBe(250);
  };
  await send(1);
  await inDatabase(stack, 'ingress', async (database) => {
    const usage = database.collection<Usage>('usage');
    const credential = { _id: id };
    await eventually(async () => expect(await usage.countDocuments(credential)).toBe(1));
    const days = [1, 2, 3].map((before) => today - before);
    const places = days.map((number) => [
      `busiest.day${String(number % 8)}`,
      { start: number * day, recipients: usual },
    ]);
    const since = (today - 7) * day;
    await usage.updateOne(credential, { $set: { since, ...Object.fromEntries(places) } });
    for (let n = 0; n < 3; n += 1) await send(50, (n * 50) % different);
    // Each process has then compared them.
    await eventually(async () => {
      expect(await usage.findOne(credential)).toMatchObject({ hour: { recipients: 151 } });
    });
  });
  session.quit();
  return { tenant: customer.id, token: customer.ownerToken };
}

/** Somebody who can write into the database of logging changes the newest entry while logging does not run. */
export async function changeAuditEntry(stack: Stack): Promise<void> {
  const { api, operator } = stack.description();
  const logging = stack.process('logging');
  await inDatabase(stack, 'logging', async (database) => {
    const entries = database.collection<{ _id: number; type: string }>('auditEntries');
    const newest = async () => (await entries.find().sort({ _id: -1 }).limit(1).toArray())[0];
    await eventually(async () => {
      const { body } = await call(`${api.privacy}/v1/audit/heads?limit=1`, operator.token);
      const [head] = (body as { heads: { seq: number }[] }).heads;
      // Logging begins its check after the newest head.
      expect((await newest())?._id).toBeGreaterThan(head?.seq ?? Infinity);
    });
    await logging.stop();
    const entry = await newest();
    await entries.updateOne({ _id: entry?._id ?? 0 }, { $set: { type: 'other' } });
  });
  logging.start();
  await logging.ready();
}
