import { setTimeout as sleep } from 'node:timers/promises';
import { addressIndex } from '@mysmtp/seal';
import { eventually, proxyTo, type Proxy } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { addressOf, beginData, follow, send, text } from './support/erasure.ts';
import { slowConfirms, type SlowConfirms } from './support/slow-confirms.ts';
import { message, submit } from './support/submit.ts';
import { openWorld } from './support/world.ts';

/** A message that the broker has and whose confirm is delayed. */
async function unconfirmed(
  stack: AsyncDisposableStack,
  settings: Readonly<Record<string, string>> = {},
  body?: string,
) {
  let confirms: SlowConfirms | undefined;
  const world = await openWorld(settings, async (url) => {
    confirms = stack.adopt(await slowConfirms(url), (opened) => opened.close());
    return confirms.url;
  });
  stack.defer(() => world.close());
  if (confirms === undefined) throw new Error('The way to the broker was not opened');
  const account = await world.account();
  await world.consume();
  await world.start();
  const client = await world.session(account);
  await beginData(client, account);
  client.write(message(addressOf(account), [], body));
  confirms.hold();
  const answer = client.say('.');
  await eventually(() => expect(world.taken).toHaveLength(1));
  return { world, account, client, answer, confirms };
}

test('a message whose confirm is outstanding when the fence is applied gets no 250', async () => {
  await using stack = new AsyncDisposableStack();
  const { world, account, client, answer, confirms } = await unconfirmed(stack);
  const erasures = stack.adopt(await follow(world), (opened) => opened.close());
  const fence = await erasures.raise(account.tenant, 0);
  await eventually(() => expect(world.lines.map(({ event }) => event)).toContain('fence.applied'));
  // Long enough for an acknowledgement that would be too early.
  expect(await Promise.race([answer, sleep(500, 'waiting')])).toBe('waiting');
  expect(erasures.answers('fenced', fence)).toEqual([]);

  confirms.release();
  expect((await answer).text).toMatch(/^550 5\.7\.1 /);
  await eventually(() => expect(erasures.answers('fenced', fence)).toHaveLength(1));
  // Longer than events wait in a batch.
  await sleep(200);
  expect(world.events).toEqual([]);
  client.destroy();
});

test('a confirm that arrives while this process may have missed a fence gives no 250, and delivery finds the content', async () => {
  await using stack = new AsyncDisposableStack();
  const { world, account, client, answer, confirms } = await unconfirmed(
    stack,
    { CONFIRM_PATIENCE: '1s' },
    text(200_000),
  );
  const mongo = stack.adopt(new MongoClient(world.database.url), (opened) => opened.close());
  world.neighbours.away.add('fences');
  confirms.cutOthers();
  await eventually(async () => expect(await world.unready()).toContain('fences'));
  confirms.release();
  expect((await answer).text).toMatch(/^451 4\.3\.0 /);
  const files = await mongo.db().collection('spool.files').find().toArray();
  expect(files).toMatchObject([{ _id: world.taken[0]?.id, metadata: { state: 'publishing' } }]);

  world.neighbours.away.delete('fences');
  await eventually(async () => expect((await send(client, account)).code).toBe(250));
  client.destroy();
});

test('after a break no mail is accepted until privacy has sent the current fences', async () => {
  await using stack = new AsyncDisposableStack();
  const world = stack.adopt(await openWorld(), (opened) => opened.close());
  const account = await world.account();
  await world.consume();
  await world.start();
  const client = await world.session(account);
  expect((await send(client, account)).code).toBe(250);
  world.neighbours.away.add('fences');
  await world.broker.cutConnections();
  await eventually(async () =>
    expect(await world.metric('mysmtp_tenant_guard_current')).toMatch(/ 0$/m),
  );
  await eventually(async () => expect(await world.unready()).toEqual(['fences']));
  expect((await send(client, account)).text).toMatch(/^451 4\.3\.0 /);

  world.neighbours.away.delete('fences');
  await eventually(async () => expect((await send(client, account)).code).toBe(250));
  client.destroy();
});

test('a message that is coming in when the fence list becomes stale gets no 250, and nothing of it stays', async () => {
  await using stack = new AsyncDisposableStack();
  let way: Proxy | undefined;
  const world = await openWorld({}, async (url) => {
    way = stack.adopt(await proxyTo(url), (opened) => opened.close());
    return way.url;
  });
  stack.defer(() => world.close());
  const mongo = stack.adopt(new MongoClient(world.database.url), (opened) => opened.close());
  const spooled = () => mongo.db().collection('spool.files').countDocuments();
  const account = await world.account();
  await world.consume();
  await world.start();
  const small = { client: await world.session(account), octets: 1_000 };
  const large = { client: await world.session(account), octets: 1_000_000 };
  for (const { client, octets } of [small, large]) {
    await beginData(client, account);
    client.write(message(addressOf(account), [], text(octets)));
  }
  await eventually(async () => expect(await spooled()).toBe(1));

  world.neighbours.away.add('fences');
  way?.cut();
  way?.mend();
  // The broker is back and accepts mail.
  await eventually(async () => expect(await world.unready()).toEqual(['fences']));
  for (const { client, octets } of [small, large]) {
    client.write(text(octets));
    expect((await client.say('.')).text).toMatch(/^451 4\.3\.0 /);
  }
  expect(await spooled()).toBe(0);
  expect(world.taken).toEqual([]);
  // Nothing of the large message is spooled, and the small one is not published.
  const unpublished = world.lines.filter(({ event }) => event === 'message.not_published');
  expect(unpublished).toMatchObject([{ reason: 'unavailable' }]);
  expect(world.lines.filter(({ level }) => level === 'error')).toEqual([]);

  world.neighbours.away.delete('fences');
  for (const { client } of [small, large]) {
    await eventually(async () => expect((await send(client, account)).code).toBe(250));
    client.destroy();
  }
});

test('a process that never got the fences accepts no mail', async () => {
  await using stack = new AsyncDisposableStack();
  const world = stack.adopt(await openWorld(), (opened) => opened.close());
  world.neighbours.away.add('fences');
  const account = await world.account();
  await world.consume();
  await world.start();
  const client = await world.session(account);
  await eventually(async () => expect(await world.unready()).toEqual(['fences']));
  expect((await send(client, account)).text).toMatch(/^451 4\.3\.0 /);
  world.neighbours.away.delete('fences');
  await eventually(async () => expect((await send(client, account)).code).toBe(250));
  expect(await world.unready()).toEqual([]);
  client.destroy();
});

test('a process with SPOOL_RETENTION longer than the life of mail keys accepts no mail, and logs why', async () => {
  await using stack = new AsyncDisposableStack();
  const world = stack.adopt(await openWorld(), (opened) => opened.close());
  world.neighbours.keyDays = { mail: 6, events: 8 };
  const account = await world.account();
  await world.consume();
  world.neighbours.away.add('fences');
  await world.start();
  world.neighbours.away.delete('fences');
  const client = await world.session(account);
  await eventually(async () =>
    expect(await world.unready()).toEqual(expect.arrayContaining(['SPOOL_RETENTION', 'fences'])),
  );
  expect((await send(client, account)).text).toMatch(/^451 4\.3\.0 /);
  expect(world.lines.find(({ event }) => event === 'config.exceeds_keys')).toMatchObject({
    setting: 'SPOOL_RETENTION',
    reason: 'must be at most 6d: MAIL_KEY_DAYS of privacy is 6',
  });
  client.destroy();
});

test('a fenced person: 451 at MAIL, at RCPT and at the end of DATA, and mail of others is accepted', async () => {
  await using stack = new AsyncDisposableStack();
  const world = stack.adopt(await openWorld(), (opened) => opened.close());
  const erasures = stack.adopt(await follow(world), (opened) => opened.close());
  const account = await world.account();
  const sender = addressOf(account);
  const another = `b@${account.domain}`;
  await world.consume();
  await world.start();
  const client = await world.session(account);
  const late = await world.session(account);
  const subjectOf = (address: string) => ({
    kind: 'person' as const,
    tenant: account.tenant,
    person: addressIndex(world.neighbours.keyOf(account.tenant, 'index'), address),
  });
  // One message is complete but for its end when the fence is applied.
  await beginData(late, account);
  late.write(message(sender));
  const fence = await erasures.raise(subjectOf('b@example.net'));
  expect((await late.say('.')).text).toMatch(/^451 4\.3\.2 /);
  expect((await client.say(`MAIL FROM:<${sender}>`)).code).toBe(250);
  expect((await client.say('RCPT TO:<b@EXAMPLE.net>')).text).toMatch(/^451 4\.3\.2 /);
  expect((await client.say('RCPT TO:<c@example.net>')).code).toBe(250);
  expect((await client.say('DATA')).code).toBe(354);
  client.write(message(sender));
  expect((await client.say('.')).code).toBe(250);
  const ofSender = await erasures.raise(subjectOf(sender));
  expect((await send(client, account)).text).toMatch(/^451 4\.3\.2 /);
  expect((await submit(client, another, ['c@example.net'], message(another))).code).toBe(250);

  await erasures.lift(fence, Date.now());
  await erasures.lift(ofSender, Date.now());
  expect((await send(client, account)).code).toBe(250);
  await eventually(() => expect(world.taken).toHaveLength(3));
  for (const one of [client, late]) one.destroy();
});

test('a message to a person whose confirm is outstanding when the fence is applied: the fence waits', async () => {
  await using stack = new AsyncDisposableStack();
  const { world, account, client, answer, confirms } = await unconfirmed(stack);
  const erasures = stack.adopt(await follow(world), (opened) => opened.close());
  const person = addressIndex(world.neighbours.keyOf(account.tenant, 'index'), 'b@example.net');
  const fence = await erasures.raise({ kind: 'person', tenant: account.tenant, person }, 0);
  await eventually(() => expect(world.lines.map(({ event }) => event)).toContain('fence.applied'));
  expect(await Promise.race([answer, sleep(500, 'waiting')])).toBe('waiting');
  expect(erasures.answers('fenced', fence)).toEqual([]);
  confirms.release();
  // Accepted before the fence was acknowledged. Delivery cancels it for the person only.
  expect((await answer).code).toBe(250);
  await eventually(() => expect(erasures.answers('fenced', fence)).toHaveLength(1));
  await sleep(200);
  expect(world.events).toEqual([]);
  client.destroy();
});
