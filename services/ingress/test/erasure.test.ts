import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { canaryAddress } from '@mysmtp/contracts';
import { eventually, nodeEnvironment, programOf, type Erasures } from '@mysmtp/test-kit';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient } from './support/client.ts';
import { addressOf, beginData, follow, send, text } from './support/erasure.ts';
import { freePorts } from './support/ports.ts';
import { message } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let erasures: Erasures;
let mongo: MongoClient;
let db: Db;

beforeAll(async () => {
  world = await openWorld();
  erasures = await follow(world);
  mongo = new MongoClient(world.database.url);
  db = mongo.db();
  await world.consume();
  await world.start();
});
afterAll(async () => {
  await mongo.close();
  await erasures.close();
  await world.close();
});

const countOf = async ({ tenant }: Account) => ({
  files: await db.collection('spool.files').countDocuments({ 'metadata.tenant': tenant }),
  chunks: await db.collection('spool.chunks').countDocuments({ tenant }),
  identity: await db.collection('identityProjection').countDocuments({
    state: { $ne: null },
    $or: [{ _id: `tenant:${tenant}` as never }, { 'state.tenant': tenant }],
  }),
  /** Of the tenant and of its credential. Written once a second. */
  usage: await db.collection('usage').countDocuments({ tenant }),
  sketches: await db.collection('recipientSketches').countDocuments({ tenant }),
});
const fenced = async ({ tenant }: Account) => {
  const fence = await erasures.raise(tenant);
  expect(erasures.answers('fenced', fence)).toHaveLength(1);
  return fence;
};

test('credentials of a fenced tenant cannot authenticate or send any more; those of another tenant can', async () => {
  const account = await world.account();
  const other = await world.account();
  const open = await world.session(account);
  const others = await world.session(other);
  expect((await send(open, account)).code).toBe(250);
  await fenced(account);

  expect((await open.say(`MAIL FROM:<${addressOf(account)}>`)).text).toMatch(/^550 5\.7\.1 /);
  await open.closed();
  const replyTo = async (username: string) => {
    const client = await openRawClient(world.config.starttlsPort);
    const reply = await client.login(world.ca, username, account.password);
    client.destroy();
    return reply.text;
  };
  const refusal = await replyTo(account.username);
  expect(refusal).toMatch(/^535 5\.7\.8 /);
  expect(await replyTo('mys_nobody')).toBe(refusal);
  expect((await send(others, other)).code).toBe(250);
  others.destroy();
});

test('the network of a fenced tenant is refused', async () => {
  const account = await world.account();
  await world.network(account, '127.0.0.0/8');
  const port = Number(world.config.networkPort);
  const greeted = () =>
    eventually(async () => {
      const client = await openRawClient(port);
      client.destroy();
      return client.greeting;
    });
  await eventually(async () => expect((await greeted()).code).toBe(220));
  await fenced(account);
  expect((await greeted()).text).toMatch(/^554 /);
});

test.each([
  ['small', 1_000, 0],
  ['large', 1_000_000, 1],
])(
  'a %s message that is coming in when the fence is applied is refused at its end, and nothing of it stays',
  async (_size, octets, files) => {
    const account = await world.account();
    const client = await world.session(account);
    await beginData(client, account);
    client.write(message(addressOf(account), [], text(octets)));
    await eventually(async () => expect(await countOf(account)).toMatchObject({ files }));
    await fenced(account);
    const { chunks } = await countOf(account);
    client.write(text(octets));
    // Long enough for a chunk to be written.
    await sleep(200);
    expect((await countOf(account)).chunks).toBeLessThanOrEqual(chunks);
    expect((await client.say('.')).text).toMatch(/^550 5\.7\.1 /);
    expect(await countOf(account)).toMatchObject({ files: 0, chunks: 0 });
    expect(world.taken.filter(({ headers }) => headers.tenant === account.tenant)).toEqual([]);
    client.destroy();
  },
);

test('every process acknowledges a fence', async () => {
  const names = Object.keys(world.env).filter((name) => name.endsWith('_PORT'));
  const ports = await freePorts(names.length);
  const env = Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
  const second = spawn(process.execPath, programOf('ingress'), {
    env: { ...nodeEnvironment(), ...world.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await eventually(async () => {
      const { status } = await fetch(`http://127.0.0.1:${String(env['OPERATIONS_PORT'])}/readyz`);
      expect(status).toBe(200);
    });
    const fence = await erasures.raise((await world.account()).tenant, 2);
    const [one, two, ...more] = erasures.answers('fenced', fence);
    expect(more).toEqual([]);
    expect(one).toMatchObject({ service: 'ingress', wire: { finished: 0, unknown: 0 } });
    expect(one?.process).not.toBe(two?.process);
  } finally {
    const exited = once(second, 'exit');
    second.kill('SIGTERM');
    await exited;
  }
});

test('a purge removes everything of the tenant, and its receipts have the numbers', async () => {
  const account = await world.account();
  const other = await world.account();
  for (const owner of [account, account, other]) {
    const client = await world.session(owner);
    expect((await send(client, owner, text(600_000))).code).toBe(250);
    client.destroy();
  }
  const before = await countOf(account);
  expect(before).toMatchObject({ files: 2, chunks: 6 });
  const others = await countOf(other);
  await eventually(async () =>
    expect(await countOf(account)).toMatchObject({ identity: 3, usage: 2, sketches: 1 }),
  );
  const fence = await fenced(account);

  await erasures.command('purge', fence);
  const expected = [
    ['ingress.identityProjection', 3],
    ['ingress.spool.chunks', 6],
    ['ingress.usage', 2],
    ['ingress.recipientSketches', 1],
    ['ingress.spool.files', 2],
  ];
  expect(await erasures.erased(fence, 5)).toEqual(expected);
  expect(await countOf(account)).toEqual({
    files: 0,
    chunks: 0,
    identity: 0,
    usage: 0,
    sketches: 0,
  });
  expect(await countOf(other)).toMatchObject({ files: others.files, chunks: others.chunks });

  await erasures.command('purge', fence);
  expect(await erasures.erased(fence, 10)).toEqual([...expected, ...expected]);
  const client = await world.session(other);
  expect((await send(client, other)).code).toBe(250);
  client.destroy();
});

test('a canary takes the path of mail: spool, queue, usage log', async () => {
  const account = await world.account();
  const accepted = await world.metric('mysmtp_messages_accepted_total');
  const subject = { kind: 'tenant', tenant: account.tenant } as const;
  const erasure = { erasure: randomUUID(), subject };
  await erasures.command('plant', erasure);
  await eventually(() => expect(erasures.answers('planted', erasure)).toHaveLength(1));
  const [planted] = erasures.answers('planted', erasure);
  const id = planted?.canaries.message;
  expect(planted?.canaries).toEqual({ message: id });
  await eventually(() => {
    expect(world.taken.map((taken) => taken.id)).toContain(id);
    expect(world.events.map((event) => event.id)).toContain(id);
  });

  const canary = world.taken.find((taken) => taken.id === id);
  expect(canary?.headers).toMatchObject({ kind: 'canary', tenant: account.tenant });
  expect(canary?.envelope).toMatchObject({ reversePath: '', signing: null, spool: { id } });
  expect(canary?.envelope.recipients.map(({ address }) => address)).toEqual([canaryAddress]);
  expect(await countOf(account)).toMatchObject({
    files: 1,
    chunks: canary?.envelope.spool?.chunks,
    usage: 1,
    sketches: 1,
  });
  const event = world.events.find((found) => found.id === id);
  expect(event).toMatchObject({ tenant: account.tenant, status: 'accepted' });
  expect(await world.metric('mysmtp_messages_accepted_total')).toBe(accepted);
  expect(world.lines).toContainEqual(
    expect.objectContaining({
      event: 'erasure.canary_planted',
      erasure: erasure.erasure,
      message: id,
    }),
  );
});

test('nothing is planted after the fence', async () => {
  const fence = await fenced(await world.account());
  await erasures.command('plant', fence);
  await eventually(() => expect(erasures.answers('planted', fence)).toHaveLength(1));
  expect(erasures.answers('planted', fence)[0]?.canaries).toEqual({});
});

test('a marker comes back as the receipt of its queue', async () => {
  const fence = await fenced(await world.account());
  await erasures.mark('ingress.spool', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.ingress.spool', 0]]);
});
