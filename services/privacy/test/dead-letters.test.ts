import { randomUUID } from 'node:crypto';
import { openBroker, openConsumer, type Delivery, type Outcome } from '@mysmtp/broker';
import { queues, routingKeys } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import type { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { without } from '../src/dead-letters/contents.ts';
import { toDeadLetter } from '../src/dead-letters/dead-letter.ts';
import { openWorld, operatorToken, ownerToken, type World } from './running-service.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');
const day = 86_400_000;

let world: World;
let metrics: Registry;
let outcome: Outcome;
let taken: Delivery[];
const toClose: { close(): Promise<void> }[] = [];

/** A consumer of events that fails until `outcome` changes. */
beforeEach(async () => {
  world = await openWorld(noon);
  metrics = await world.start();
  outcome = 'dead';
  taken = [];
  const broker = openBroker({ url: world.broker.url, service: 'logging', log: world.log });
  const consumer = openConsumer(broker, {
    queue: queues.loggingMessages,
    prefetch: 10,
    async handle(delivery) {
      taken.push(delivery);
      return outcome;
    },
  });
  toClose.push(broker, consumer);
  await eventually(() => expect(consumer.isUp()).toBe(true));
  await world.broker.say('delivery', {
    key: routingKeys.messageFinished,
    content: Buffer.from('{"unreadable":true}'),
    mandatory: true,
  });
});

afterEach(async () => {
  for (const resource of toClose.splice(0).toReversed()) await resource.close();
  await world.close();
});

interface Listed {
  deadLetters: { id: string; [field: string]: string }[];
}

async function list(): Promise<Listed['deadLetters']> {
  const answer = await world.request('GET', '/v1/dead-letters', operatorToken);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as Listed).deadLetters;
}

async function only(): Promise<Listed['deadLetters'][number]> {
  return eventually(async () => {
    const [letter, ...others] = await list();
    expect(others).toEqual([]);
    if (letter === undefined) throw new Error('none yet');
    return letter;
  });
}

test('a message that a consumer cannot handle waits for an operator, who lets it be retried', async () => {
  const letter = await only();
  expect(letter).toEqual({
    id: letter.id,
    exchange: 'delivery',
    routingKey: routingKeys.messageFinished,
    queue: queues.loggingMessages.name,
    reason: 'rejected',
    receivedAt: '2026-11-24T12:00:00.000Z',
  });
  expect(await world.broker.messagesReady(queues.deadLetters.name)).toBe(0);
  // It is counted once the database has confirmed it.
  await eventually(async () =>
    expect(await metrics.metrics()).toMatch(/^mysmtp_dead_letters_total\{kind="event"\} 1$/m),
  );

  const route = `/v1/dead-letters/${letter.id}`;
  expect((await world.request('POST', route, ownerToken, { action: 'retry' })).status).toBe(404);
  outcome = 'ack';
  expect((await world.request('POST', route, operatorToken, { action: 'retry' })).status).toBe(204);
  await eventually(() => expect(taken.length).toBe(2));
  expect(taken[1]?.content.toString()).toBe('{"unreadable":true}');
  expect(taken[1]?.routingKey).toBe(routingKeys.messageFinished);
  expect(await list()).toEqual([]);
  expect((await world.request('POST', route, operatorToken, { action: 'retry' })).status).toBe(404);
  const settled = world.lines.filter(({ event }) => event === 'dead_letter.settled');
  expect(settled).toMatchObject([{ actor: 'token:k2', object: letter.id, status: 'retry' }]);
});

test('an operator discards a dead letter', async () => {
  const { id } = await only();
  const route = `/v1/dead-letters/${id}`;
  expect((await world.request('POST', route, operatorToken, { action: 'burn' })).status).toBe(400);
  const answer = await world.request('POST', route, operatorToken, { action: 'discard' });
  expect(answer.status).toBe(204);
  expect(await list()).toEqual([]);
  expect(taken.length).toBe(1);
});

test('after five days a dead letter is deleted', async () => {
  await only();
  await world.stop();
  world.now = noon + 5 * day - 1;
  await world.start();
  await eventually(() => only());
  await world.stop();
  world.now = noon + 5 * day;
  await world.start();
  await eventually(async () => expect(await list()).toEqual([]));
  await eventually(() =>
    expect(world.lines.map(({ event }) => event)).toContain('dead_letter.expired'),
  );
});

test('the data of a tenant is removed from a letter, and the rest of it stays (GDPR Art. 17)', () => {
  const letter = Buffer.from(
    JSON.stringify({
      v: 1,
      events: [
        { tenant: 't1', id: 'a' },
        { tenant: 't2', id: 'b' },
      ],
    }),
  );
  const delivery = { content: letter, routingKey: 'k', headers: {}, redelivered: false };
  expect(toDeadLetter(delivery, noon).tenants).toEqual(['t1', 't2']);
  const rest = without(letter, { kind: 'tenant', tenant: 't1' });
  expect(JSON.parse(String(rest))).toEqual({ v: 1, events: [{ tenant: 't2', id: 'b' }] });
  expect(without(rest ?? letter, { kind: 'tenant', tenant: 't2' })).toBeUndefined();
  expect(without(letter, { kind: 'tenant', tenant: 't3' })).toBe(letter);
  const beside = JSON.stringify({ tenant: 't1', events: [{ tenant: 't2' }] });
  expect(without(Buffer.from(beside), { kind: 'tenant', tenant: 't1' })).toBeUndefined();
  // If the content is unreadable, nothing with the tenant's id is kept.
  expect(
    without(Buffer.from('{"tenant":"t1", cut off'), { kind: 'tenant', tenant: 't1' }),
  ).toBeUndefined();
});

test("a signed letter contains the tenant's id, so that its erasure finds the letter", async () => {
  const privacy = await world.keys.as('privacy');
  const content = await privacy.sign('marker', {
    v: 1,
    erasure: randomUUID(),
    subject: { kind: 'tenant', tenant: 't1' },
    commitment: 'c',
  });
  const delivery = { content, routingKey: 'k', headers: {}, redelivered: false };
  expect(toDeadLetter(delivery, noon).tenants).toEqual(['t1']);
  expect(without(content, { kind: 'tenant', tenant: 't1' })).toBeUndefined();
  expect(without(content, { kind: 'tenant', tenant: 't2' })).toBe(content);
});

test('a letter lists the persons of its events, and the erasure of one removes its events only', async () => {
  const event = (senderIndex: string, recipientIndex: string) => ({
    tenant: 't1',
    senderIndex,
    recipientIndex,
  });
  const content = Buffer.from(
    JSON.stringify({ v: 1, events: [event('s', 'p'), event('p', 'q'), event('s', 'q')] }),
  );
  const delivery = { content, routingKey: 'k', headers: {}, redelivered: false };
  expect(toDeadLetter(delivery, noon).persons).toEqual(['s', 'p', 'q']);
  const of = (person: string) => ({ kind: 'person', tenant: 't1', person }) as const;
  const rest = without(content, of('p'));
  expect(JSON.parse(String(rest))).toEqual({ v: 1, events: [event('s', 'q')] });
  expect(without(rest ?? content, of('q'))).toBeUndefined();
  expect(without(content, of('r'))).toBe(content);
  // A marker that became a dead letter names its subject.
  const privacy = await world.keys.as('privacy');
  const marker = { v: 1, erasure: randomUUID(), subject: of('p'), commitment: 'c' } as const;
  const signed = await privacy.sign('marker', marker);
  expect(toDeadLetter({ ...delivery, content: signed }, noon).persons).toEqual(['p']);
  expect(without(signed, of('p'))).toBeUndefined();
});
