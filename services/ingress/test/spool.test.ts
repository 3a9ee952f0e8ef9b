import { createHash, randomBytes } from 'node:crypto';
import {
  dayKeyId,
  inlineLimit,
  routingKeys,
  spoolReadPath,
  timeOfMessageId,
} from '@mysmtp/contracts';
import { chunkSize, openChunk } from '@mysmtp/seal';
import { eventually } from '@mysmtp/test-kit';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import type { Taken } from './support/taken.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

interface File {
  _id: string;
  uploadDate: Date;
  length: number;
  chunkSize: number;
  metadata: { tenant: string; state: string };
}

let world: World;
let account: Account;
let from: string;
let mongo: MongoClient;
let db: Db;

beforeAll(async () => {
  world = await openWorld({ SIZE_LIMIT: String(30 * 1024 * 1024) });
  account = await world.account('ours');
  from = `a@${account.domain}`;
  mongo = new MongoClient(world.database.url);
  db = mongo.db();
  await world.consume();
  await world.start();
});
afterAll(async () => {
  await mongo.close();
  await world.close();
});

const files = () => db.collection<File>('spool.files').find().toArray();
const countChunks = (id: string) => db.collection('spool.chunks').countDocuments({ files_id: id });

/** Base64 of random octets, in lines, like an attachment. */
function attachment(octets: number): string {
  const lines = randomBytes(Math.ceil((octets * 3) / 4))
    .toString('base64')
    .match(/.{1,76}/g);
  return `${(lines ?? []).join('\r\n')}\r\n`;
}

async function send(content: string): Promise<Taken> {
  const client = await world.session(account);
  const reply = await submit(client, from, ['b@example.net'], content);
  client.destroy();
  expect(reply.code).toBe(250);
  return eventually(() => {
    const found = world.taken.find(({ id }) => id === reply.text.slice(-36));
    if (found === undefined) throw new Error('The message has not arrived yet');
    return found;
  });
}

/** Reads a spooled message as delivery does. */
async function contentOf({ id, headers: { tenant }, envelope: { spool } }: Taken): Promise<Buffer> {
  if (spool === null) throw new Error('It is not in the spool');
  const delivery = await world.client('delivery');
  const key = world.neighbours.keyOf(tenant, dayKeyId('mail', timeOfMessageId(id)));
  const parts: Buffer[] = [];
  for (let index = 0; index < spool.chunks; index += 1) {
    const sealed = await delivery.bytes(spoolReadPath, { id: spool.id, chunk: index });
    const position = { index, last: index === spool.chunks - 1 };
    parts.push(openChunk(key, { tenant, record: `spool:${spool.id}` }, position, sealed));
  }
  return Buffer.concat(parts);
}

test.each([
  ['just above the limit', inlineLimit + 1],
  ['one chunk exactly', chunkSize],
  ['many chunks', 3_000_000],
  ['25 MiB', 25 * 1024 * 1024],
])('a large message is spooled and read back completely: %s', async (_name, size) => {
  const body = attachment(size);
  const taken = await send(message(from, [], body));
  expect(taken.message).toBeUndefined();
  const content = await contentOf(taken);
  expect(content.length).toBe(taken.envelope.size);
  const start = content.indexOf('\r\n\r\n') + 4;
  expect(content.subarray(start).equals(Buffer.from(body))).toBe(true);
  const bodyHash = createHash('sha256').update(body).digest('base64');
  expect(taken.envelope.signing?.bodyHash).toBe(bodyHash);
  const file = (await files()).find(({ _id }) => _id === taken.id);
  expect(file?.metadata).toEqual({ tenant: account.tenant, state: 'publishing' });
  expect(await countChunks(taken.id)).toBe(taken.envelope.spool?.chunks);
});

test('a small message is not spooled', async () => {
  const before = (await files()).length;
  const taken = await send(message(from, [], attachment(100_000)));
  expect(taken.envelope.spool).toBeNull();
  expect(await files()).toHaveLength(before);
});

test('nothing of a message is in clear in the database', async () => {
  const body = `The quick brown fox\r\n${attachment(300_000)}`;
  const { id } = await send(message(from, ['X-Marker: sphinx-of-quartz'], body));
  const chunks = await db.collection('spool.chunks').find({ files_id: id }).toArray();
  const stored =
    JSON.stringify(await files()) + chunks.map((chunk) => String(chunk['data'])).join('');
  expect(stored).not.toMatch(/quick brown|sphinx|example\.net/);
  expect(stored).not.toContain(account.domain);
});

test('only delivery may read, and only existing chunks', async () => {
  const { id } = await send(message(from, [], attachment(300_000)));
  const logging = await world.client('logging');
  await expect(logging.bytes(spoolReadPath, { id, chunk: 0 })).rejects.toMatchObject({
    status: 403,
  });
  const delivery = await world.client('delivery');
  await expect(delivery.bytes(spoolReadPath, { id, chunk: 99 })).rejects.toMatchObject({
    status: 410,
  });
  await expect(delivery.bytes(spoolReadPath, { id: { $gt: '' }, chunk: 0 })).rejects.toMatchObject({
    status: 400,
  });
});

test('released messages are removed, others stay', async () => {
  const kept = await send(message(from, [], attachment(300_000)));
  const gone = await send(message(from, [], attachment(600_000)));
  const release = {
    key: routingKeys.spoolReleased,
    content: Buffer.from(JSON.stringify({ v: 1, ids: [gone.id] })),
    mandatory: true,
  } as const;
  await world.broker.say('delivery', release);
  // A repeated release changes nothing.
  await world.broker.say('delivery', release);
  await eventually(async () => expect(await countChunks(gone.id)).toBe(0));
  await eventually(async () => {
    expect((await files()).map(({ _id }) => _id)).not.toContain(gone.id);
  });
  expect((await contentOf(kept)).length).toBe(kept.envelope.size);
});

test('an unreadable release is dead-lettered', async () => {
  const content = Buffer.from('{"v":1,"ids":"all"}');
  await world.broker.say('delivery', { key: routingKeys.spoolReleased, content });
  await eventually(() => {
    expect(world.lines.map(({ event }) => event)).toContain('spool.unreadable_release');
  });
});

test('nothing stays of a message whose client disconnects before its end', async () => {
  const before = await files();
  const client = await world.session(account);
  await client.say(`MAIL FROM:<${from}>`);
  await client.say('RCPT TO:<b@example.net>');
  await client.say('DATA');
  client.write(message(from, [], attachment(1_000_000)));
  await eventually(async () => expect(await files()).toHaveLength(before.length + 1));
  client.destroy();
  await eventually(async () => expect(await files()).toEqual(before));
  expect(await db.collection('spool.chunks').distinct('files_id')).toHaveLength(before.length);
});

test('nothing stays of a large message that is refused at its end', async () => {
  const before = await files();
  const client = await world.session(account);
  const reply = await submit(
    client,
    from,
    ['b@example.net'],
    message(from, [], `${attachment(1_000_000)}bare\nLF\r\n`),
  );
  expect(reply.text).toMatch(/^554 5\.6\.0 /);
  expect(await files()).toEqual(before);
  client.destroy();
});
