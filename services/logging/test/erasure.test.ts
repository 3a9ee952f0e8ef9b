import { newMessageId, queues } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import mongoose, { type mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { event, later } from './events.ts';
import { startService } from './service.ts';

const queue = queues.loggingMessages.name;

let service: Awaited<ReturnType<typeof startService>>;
let client: mongo.MongoClient;
const all = Array.from({ length: 8 }, (_, n) => `tenant-${String(n)}`);
let next = 0;
const freshTenant = () => all[next++] ?? 'none';
const day = 86_400_000;

beforeAll(async () => {
  service = await startService(all);
  client = new mongoose.mongo.MongoClient(service.databaseUrl);
  await eventually(async () => {
    expect((await service.call('tenant-0', '/v1/messages')).status).toBe(200);
  });
});
afterAll(async () => {
  await client.close();
  await service.close();
});

/** Rows by day, found as the verifier finds them. */
async function rowsOf(tenant: string): Promise<number[]> {
  const collections = await client.db().collections();
  const days = collections
    .filter(({ collectionName }) => collectionName.startsWith('messages_'))
    .toSorted((a, b) => (a.collectionName < b.collectionName ? -1 : 1));
  return Promise.all(days.map((one) => one.countDocuments({ tenant })));
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

async function publish(...events: ReturnType<typeof service.delivered>[]): Promise<void> {
  await service.publish({ v: 1, events });
}

const logged = (tenant: string, count: number) =>
  eventually(async () => expect(sum(await rowsOf(tenant))).toBe(count));

test("events of a fenced tenant are dropped and counted in a mixed batch, and its owner's token is refused", async () => {
  const [going, staying] = [freshTenant(), freshTenant()];
  await publish(service.delivered(going), service.delivered(staying));
  await logged(going, 1);
  const late = [service.delivered(going), service.delivered(going)];
  const fence = await service.erasures.raise(going);
  expect(service.erasures.answers('fenced', fence)).toMatchObject([
    { service: 'logging', wire: { finished: 0, unknown: 0 } },
  ]);

  const refused = await service.call(going, '/v1/messages');
  expect(refused.status).toBe(401);
  expect(await service.call('nobody', '/v1/messages')).toEqual(refused);

  await publish(...late, service.delivered(staying));
  await service.erasures.mark(queue, fence);
  expect(await service.erasures.erased(fence, 1)).toEqual([[`queue.${queue}`, 2]]);
  await logged(staying, 2);
  await logged(going, 1);
  const answer = await service.call(staying, '/v1/messages');
  expect(answer.body.messages).toHaveLength(2);
});

test("a purge empties every day of the tenant, no other tenant's, and reports the count", async () => {
  const [going, staying] = [freshTenant(), freshTenant()];
  const now = Date.now();
  const statuses = ['delivered', 'bounced', 'held', 'expired'] as const;
  const events = Array.from({ length: 2_400 }, (_, n) => {
    const at = now - (n % 4) * day;
    const one = event({ at, tenant: n % 6 === 0 ? staying : going });
    return later(one, statuses[n % 7] ?? 'delivered');
  });
  for (let at = 0; at < events.length; at += 400) await publish(...events.slice(at, at + 400));
  await Promise.all([logged(going, 2_000), logged(staying, 400)]);
  // One hour on each of four days.
  const statistics = client.db().collection('statistics');
  await eventually(async () => expect(await statistics.countDocuments({ tenant: going })).toBe(4), {
    timeout: 20_000,
  });
  const before = await rowsOf(staying);
  const late = service.delivered(going);

  const fence = await service.erasures.raise(going);
  await service.erasures.command('purge', fence);
  const erased = [
    ['logging.messages', 2_000],
    ['logging.auditEntries', 0],
    ['logging.statistics', 4],
    ['logging.findings', 0],
    ['logging.retentions', 0],
    ['logging.restrictions', 0],
    // The tenant and its owner's token.
    ['logging.identityProjection', 2],
  ];
  expect(await service.erasures.erased(fence, 7)).toEqual(erased);
  expect(sum(await rowsOf(going))).toBe(0);
  expect(await rowsOf(staying)).toEqual(before);

  await service.erasures.command('purge', fence);
  expect(await service.erasures.erased(fence, 14)).toEqual([...erased, ...erased]);

  await publish(late);
  await service.erasures.mark(queue, fence);
  expect((await service.erasures.erased(fence, 15)).at(-1)).toEqual([`queue.${queue}`, 1]);
  expect(sum(await rowsOf(going))).toBe(0);
  const identity = await client
    .db()
    .collection('identityProjection')
    .find({ _id: { $in: [`tenant:${going}`, `token:token-owner-of-${going}`] as never[] } })
    .toArray();
  expect(identity).toEqual([
    { _id: `tenant:${going}`, version: 2, state: null, deleted: true },
    { _id: `token:token-owner-of-${going}`, version: 2, state: null, deleted: true },
  ]);
});

test('rows are found by their tenant alone, with any other content', async () => {
  const going = freshTenant();
  const usual = service.delivered(going);
  await publish(usual);
  await logged(going, 1);
  const at = usual.acceptedAt;
  const sameDay = new Date(at).toISOString().slice(0, 10).replaceAll('-', '_');
  const odd = { _id: `${newMessageId(at)}:0` as never, tenant: going, status: 'odd' };
  // The server refuses invalid rows unless validation is bypassed.
  const rows = client.db().collection(`messages_${sameDay}`);
  await expect(rows.insertOne(odd)).rejects.toMatchObject({ code: 121 });
  await rows.insertOne(odd, { bypassDocumentValidation: true });
  const fence = await service.erasures.raise(going);
  await service.erasures.command('purge', fence);
  expect((await service.erasures.erased(fence, 1))[0]).toEqual(['logging.messages', 2]);
  expect(sum(await rowsOf(going))).toBe(0);
});
