import { randomUUID } from 'node:crypto';
import { openPublisher } from '@mysmtp/broker';
import { routingKeys, type ProcessAlive } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker } from '@mysmtp/test-kit';
import { afterEach, expect, test, vi } from 'vitest';
import { openRoll } from '../src/erasures/roll.ts';

const lease = 10_000;

afterEach(() => vi.useRealTimers());

test('a roll that hears nothing is not complete, however long it has listened', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await using closing = new AsyncDisposableStack();
  const broker = closing.adopt(await freshBroker(), (open) => open.close());
  const log = createLogger('privacy', 'error', { write: () => undefined });
  const settings = { url: broker.url, name: 'test', log };
  const roll = closing.adopt(await openRoll(settings, lease, log), (open) => open.close());
  const publisher = closing.adopt(await openPublisher(settings), (open) => open.close());
  await eventually(() => expect(publisher.isReady()).toBe(true));

  const process = randomUUID();
  let beat = 0;
  const heard = () =>
    eventually(async () => {
      const alive: ProcessAlive = { v: 1, service: 'ingress', process, beat: (beat += 1), lease };
      await publisher.publish({
        exchange: 'privacy',
        key: routingKeys.processAlive('ingress'),
        content: Buffer.from(JSON.stringify(alive)),
        persistent: false,
      });
      expect(roll.living()).toEqual([{ process, service: 'ingress' }]);
    });
  await heard();
  expect(roll.isComplete()).toBe(false);
  vi.advanceTimersByTime(lease * 1.2);
  // Long enough, but in silence: it may be cut off, or this process was frozen.
  expect(roll.living()).toEqual([]);
  expect(roll.isComplete()).toBe(false);
  await heard();
  expect(roll.isComplete()).toBe(true);
});
