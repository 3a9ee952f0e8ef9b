import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { canaryAddress } from '@mysmtp/contracts';
import { eventually, followErasures, type Erasures } from '@mysmtp/test-kit';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRawClient, type RawClient } from './support/client.ts';
import { freePorts } from './support/ports.ts';
import { slowConfirms, type SlowConfirms } from './support/slow-confirms.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type Account, type World } from './support/world.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const to = ['b@example.net'];

const addressOf = ({ domain }: Account): string => `a@${domain}`;
const followIn = ({ broker, dir, neighbours }: World): Promise<Erasures> =>
  followErasures({
    brokerUrl: broker.url,
    service: 'ingress',
    jwksFile: path.join(dir, 'jwks'),
    fences: neighbours.fences,
  });
const send = (client: RawClient, account: Account, body?: string) =>
  submit(client, addressOf(account), to, message(addressOf(account), [], body));

/** Lines of random text. */
const text = (octets: number): string =>
  `${(
    randomBytes(octets / 2)
      .toString('hex')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n')}\r\n`;

async function beginData(client: RawClient, account: Account): Promise<void> {
  await client.say(`MAIL FROM:<${addressOf(account)}>`);
  await client.say('RCPT TO:<b@example.net>');
  expect((await client.say('DATA')).code).toBe(354);
}

describe('a tenant is erased, another is not', () => {
  let world: World;
  let erasures: Erasures;
  let mongo: MongoClient;
  let db: Db;

  beforeAll(async () => {
    world = await openWorld();
    erasures = await followIn(world);
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
    identity: await db.collection('identity').countDocuments({
      state: { $ne: null },
      $or: [{ _id: `tenant:${tenant}` as never }, { 'state.tenant': tenant }],
    }),
  });
  const fenced = async ({ tenant }: Account) => {
    const fence = await erasures.raise(tenant);
    expect(erasures.answers('fenced', fence)).toHaveLength(1);
    return fence;
  };

  test('nobody signs in or sends any more; the other does', async () => {
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

  test('its network is unknown', async () => {
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
    'a %s message that is coming in is refused at its end, and nothing of it stays',
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

  test('every process acknowledges', async () => {
    const ports = (await freePorts(5)).map(String);
    const [API_PORT, OPERATIONS_PORT, SMTP_STARTTLS_PORT, SMTP_TLS_PORT, SMTP_NETWORK_PORT] = ports;
    const env = { API_PORT, OPERATIONS_PORT, SMTP_STARTTLS_PORT, SMTP_TLS_PORT, SMTP_NETWORK_PORT };
    const second = spawn(process.execPath, ['--conditions=mysmtp-source', main], {
      env: { ...world.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    try {
      await eventually(async () => {
        const { status } = await fetch(`http://127.0.0.1:${String(OPERATIONS_PORT)}/readyz`);
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

  test('a purge removes everything of the tenant, and its receipts say how much', async () => {
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
    await eventually(async () => expect(await countOf(account)).toMatchObject({ identity: 3 }));
    const fence = await fenced(account);

    await erasures.command('purge', fence);
    const expected = [
      ['ingress.identity', 3],
      ['ingress.spool.chunks', 6],
      ['ingress.spool.files', 2],
    ];
    expect(await erasures.erased(fence, 3)).toEqual(expected);
    expect(await countOf(account)).toEqual({ files: 0, chunks: 0, identity: 0 });
    expect(await countOf(other)).toMatchObject({ files: others.files, chunks: others.chunks });

    await erasures.command('purge', fence);
    expect(await erasures.erased(fence, 6)).toEqual([...expected, ...expected]);
    const client = await world.session(other);
    expect((await send(client, other)).code).toBe(250);
    client.destroy();
  });

  test('a canary goes the way of mail: spool, queue, usage log', async () => {
    const account = await world.account();
    const accepted = await world.metric('mysmtp_messages_accepted_total');
    const erasure = { erasure: randomUUID(), tenant: account.tenant };
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
});

test('a message whose confirm is outstanding when the fence falls gets no 250', async () => {
  await using stack = new AsyncDisposableStack();
  let confirms: SlowConfirms | undefined;
  const world = await openWorld({}, async (url) => {
    confirms = stack.adopt(await slowConfirms(url), (opened) => opened.close());
    return confirms.url;
  });
  stack.defer(() => world.close());
  const erasures = stack.adopt(await followIn(world), (opened) => opened.close());
  const account = await world.account();
  await world.consume();
  await world.start();
  const client = await world.session(account);
  await beginData(client, account);
  client.write(message(addressOf(account)));
  confirms?.hold();
  const answer = client.say('.');
  await eventually(() => expect(world.taken).toHaveLength(1));
  const fence = await erasures.raise(account.tenant, 0);
  await eventually(() => expect(world.lines.map(({ event }) => event)).toContain('fence.fell'));
  // Long enough for an acknowledgement that should not come yet.
  expect(await Promise.race([answer, sleep(500, 'waiting')])).toBe('waiting');
  expect(erasures.answers('fenced', fence)).toEqual([]);

  confirms?.release();
  expect((await answer).text).toMatch(/^550 5\.7\.1 /);
  await eventually(() => expect(erasures.answers('fenced', fence)).toHaveLength(1));
  // Longer than events wait for others.
  await sleep(200);
  expect(world.events).toEqual([]);
  client.destroy();
});

test('after a break nothing is taken before privacy has said who is fenced', async () => {
  await using stack = new AsyncDisposableStack();
  const world = stack.adopt(await openWorld(), (opened) => opened.close());
  const account = await world.account();
  await world.consume();
  await world.start();
  const client = await world.session(account);
  expect((await send(client, account)).code).toBe(250);
  world.neighbours.fencesAnswer = false;
  // RabbitMQ lists connections some seconds late: cut until the one that hears of fences was among them.
  await eventually(async () => {
    await world.broker.cutConnections();
    expect(await world.metric('mysmtp_gate_current')).toMatch(/ 0$/m);
  });
  await eventually(async () => expect(await world.unready()).toEqual(['fences']));
  expect((await send(client, account)).text).toMatch(/^451 4\.3\.0 /);

  world.neighbours.fencesAnswer = true;
  await eventually(async () => expect((await send(client, account)).code).toBe(250));
  client.destroy();
});

test('who has never heard of the fences takes nothing', async () => {
  await using stack = new AsyncDisposableStack();
  const world = stack.adopt(await openWorld(), (opened) => opened.close());
  world.neighbours.fencesAnswer = false;
  const account = await world.account();
  await world.consume();
  await world.start();
  const client = await world.session(account);
  await eventually(async () => expect(await world.unready()).toEqual(['fences']));
  expect((await send(client, account)).text).toMatch(/^451 4\.3\.0 /);
  world.neighbours.fencesAnswer = true;
  await eventually(async () => expect((await send(client, account)).code).toBe(250));
  expect(await world.unready()).toEqual([]);
  client.destroy();
});
