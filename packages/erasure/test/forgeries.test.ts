import { randomUUID } from 'node:crypto';
import { queues, routingKeys, type ServiceName } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  commitment,
  erasure,
  openBench,
  service,
  subject,
  tenant,
  type Bench,
} from './participating.ts';

/** An attacker has got past the broker: all messages come over privacy's own exchange. */
let bench: Bench;
let dead: string[];
const commands = routingKeys.erasureCommand(service);
const queue = queues.loggingMessages;

beforeEach(async () => {
  bench = await openBench();
  dead = [];
  await bench.consume(queues.deadLetters, async ({ routingKey }) => {
    dead.push(routingKey);
    return 'ack';
  });
  await bench.fill('logging.messages', 3);
  const { participant } = await bench.join(bench.purges());
  await bench.consume(
    queue,
    participant.withQueueMarkers(queue, async () => 'ack'),
  );
});

afterEach(() => bench.close());

/** Nothing was done: the records exist, and no answer was sent. */
async function expectNothingDone(refused: readonly string[]): Promise<void> {
  await eventually(() => expect(dead.toSorted()).toEqual([...refused].toSorted()));
  expect(await bench.tenantsIn('logging.messages')).toContain(tenant);
  expect(bench.answers).toEqual([]);
}

test("a purge without privacy's signature", async () => {
  const others: ServiceName[] = ['ingress', 'delivery', 'logging', 'identity'];
  const command = {
    v: 1,
    do: 'purge',
    erasure,
    subject,
    commitment,
    progressEvery: 1_000,
  } as const;
  await bench.publish(commands, Buffer.from(JSON.stringify(command)));
  for (const other of others) {
    const signed = await bench.keys.as(other);
    await bench.publish(commands, await signed.sign('command', command));
  }
  await expectNothingDone(Array.from({ length: others.length + 1 }, () => commands));
});

test('a message that privacy has signed as another kind', async () => {
  const privacy = await bench.keys.as('privacy');
  const marker = await privacy.sign('marker', { v: 1, erasure, subject, commitment });
  const marked = routingKeys.marker(queue.name);
  await bench.publish(commands, marker);
  await bench.publish(commands, await privacy.sign('fence', { v: 1, erasure, subject }));
  await bench.publish(marked, await bench.commanded('purge'));
  await expectNothingDone([commands, commands, marked]);
});

test('a purge, a canary and a marker for a request that is not in the ledger', async () => {
  bench.stands = { known: false, may: [] };
  const privacy = await bench.keys.as('privacy');
  const made = { erasure: randomUUID(), subject };
  const marked = routingKeys.marker(queue.name);
  await bench.publish(commands, await bench.commanded('purge', made));
  await bench.publish(commands, await bench.commanded('plant', made));
  await bench.publish(marked, await privacy.sign('marker', { v: 1, ...made, commitment }));
  await expectNothingDone([commands, commands, marked]);
});

test('a captured purge, replayed after its erasure or before its fence, is dropped without an alarm', async () => {
  const captured = await bench.commanded('purge');
  bench.stands = { known: true, may: ['fence'] };
  await bench.publish(commands, captured);
  bench.stands = { known: true, may: ['plant'] };
  await bench.publish(commands, captured);
  // Only the order of the queue shows that both have been handled.
  await bench.command('plant');
  await eventually(() => expect(bench.answers).toMatchObject([{ kind: 'planted' }]));
  expect(await bench.tenantsIn('logging.messages')).toContain(tenant);
  expect(dead).toEqual([]);
});

test('a purge, a canary and a marker about an unknown kind of subject, although they name the tenant', async () => {
  const marked = routingKeys.marker(queue.name);
  const payload = {
    v: 1,
    erasure,
    subject: { kind: 'household', tenant, household: 'blind-index' },
  };
  const purge = { ...payload, do: 'purge', commitment, progressEvery: 1_000 };
  for (const command of [purge, { ...payload, do: 'plant' }]) {
    await bench.publish(commands, await bench.keys.signAny('privacy', 'command', command));
  }
  const marker = await bench.keys.signAny('privacy', 'marker', { ...payload, commitment });
  await bench.publish(marked, marker);
  await expectNothingDone([commands, commands, marked]);
});
