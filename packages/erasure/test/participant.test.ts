import { queues, routingKeys, type Canaries } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  commitment,
  erasure,
  fence,
  openBench,
  service,
  subject,
  type Bench,
} from './participating.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

const queue = queues.loggingMessages;

test('canaries are planted, and their ids are answered; a service without canaries answers that', async () => {
  const canaries: Partial<Canaries> = { domain: 'd1', token: 'k1' };
  const planting = await bench.join(bench.purges(), async (asked) => {
    expect(asked).toEqual(fence);
    return canaries;
  });
  await bench.command('plant');
  await eventually(() =>
    expect(bench.answers).toEqual([{ v: 1, kind: 'planted', erasure, service, canaries }]),
  );
  await planting.leave();
  await bench.join(bench.purges());
  await bench.command('plant');
  await eventually(() =>
    expect(bench.answers.at(-1)).toMatchObject({ kind: 'planted', canaries: {} }),
  );
});

test('a marker is answered once all earlier messages are settled, with the number of dropped ones', async () => {
  const { participant } = await bench.join(bench.purges());
  const slow = Promise.withResolvers<void>();
  const taken: string[] = [];
  await bench.consume(
    queue,
    participant.withQueueMarkers(queue, async ({ content }) => {
      const text = content.toString();
      taken.push(text);
      if (text === 'slow') await slow.promise;
      await participant.dropped(erasure, queue, 1);
      return 'ack';
    }),
  );
  for (const text of ['slow', 'quick', 'quick']) {
    await bench.broker.say('delivery', {
      key: routingKeys.messageFinished,
      content: Buffer.from(text),
      mandatory: true,
    });
  }
  const privacy = await bench.keys.as('privacy');
  const marker = await privacy.sign('marker', { v: 1, erasure, subject, commitment });
  await bench.publish(routingKeys.marker(queue.name), marker);
  // This one is unreadable, so it gets no answer.
  await bench.publish(routingKeys.marker(queue.name), Buffer.from('unreadable'));
  await eventually(() => expect(taken).toEqual(['slow', 'quick', 'quick']));
  await eventually(async () => expect(await bench.broker.messagesReady(queue.name)).toBe(0));
  await bench.command('plant');
  await eventually(() => expect(bench.answers).toMatchObject([{ kind: 'planted' }]));
  slow.resolve();
  await eventually(() => expect(bench.answers).toHaveLength(2));
  expect(await bench.receipts()).toMatchObject([
    { store: `queue.${queue.name}`, matched: 3, matchedBy: 'removal', deleted: 3, retained: [] },
  ]);
});

test('an unreadable command is dead-lettered, and the next one is executed', async () => {
  const dead: string[] = [];
  await bench.consume(queues.deadLetters, async ({ content }) => {
    dead.push(content.toString());
    return 'ack';
  });
  await bench.join(bench.purges());
  await bench.publish(routingKeys.erasureCommand(service), Buffer.from('{"v":1,"do":"nothing"}'));
  await bench.publish(routingKeys.erasureCommand(service), Buffer.from('no JSON'));
  await bench.command('purge');
  await eventually(() => expect(bench.answers).toHaveLength(2));
  await eventually(() => expect(dead.toSorted()).toEqual(['no JSON', '{"v":1,"do":"nothing"}']));
});

test('a service whose purges differ from the registry does not start', async () => {
  const { 'logging.messages': messages, ...without } = bench.purges();
  await expect(bench.join(without)).rejects.toThrow('No purge for logging.messages');
  await expect(bench.join({ ...bench.purges(), 'logging.other': messages })).rejects.toThrow(
    'Not in the registry: logging.other',
  );
});

test('an answer that the broker does not confirm is published again', async () => {
  await bench.broker.deleteQueue(queues.privacyAnswers.name);
  await bench.join(bench.purges());
  await bench.command('plant');
  // Its consumer declares the deleted queue again.
  await eventually(() => expect(bench.answers).toMatchObject([{ kind: 'planted' }]));
});

test('a service without a purge for this kind of subject answers so: no receipt, and nothing is removed', async () => {
  await bench.fill('logging.messages', 3);
  const { participant, losePurges } = await bench.join(bench.purges());
  losePurges();
  await bench.consume(
    queue,
    participant.withQueueMarkers(queue, async () => 'ack'),
  );
  const unsupported = { v: 1, kind: 'unsupported', erasure, service, subjectKind: 'tenant' };
  await bench.command('purge');
  await eventually(() => expect(bench.answers).toEqual([unsupported]));
  // No receipt for its queue either, because its consumer drops nothing for this kind.
  const privacy = await bench.keys.as('privacy');
  const marker = await privacy.sign('marker', { v: 1, erasure, subject, commitment });
  await bench.publish(routingKeys.marker(queue.name), marker);
  await eventually(() => expect(bench.answers).toEqual([unsupported, unsupported]));
  expect(await bench.tenantsIn('logging.messages')).toContain(subject.tenant);
});
