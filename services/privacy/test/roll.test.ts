import { randomUUID } from 'node:crypto';
import { openBroker, openControl } from '@mysmtp/broker';
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
  const connections = closing.adopt(
    openBroker({ url: broker.url, service: 'privacy', log }),
    (open) => open.close(),
  );
  const control = closing.adopt(openControl(connections), (open) => open.close());
  const roll = closing.adopt(openRoll(control, lease, log), (open) => open.close());

  const process = randomUUID();
  let beat = 0;
  const heard = () =>
    eventually(async () => {
      const alive: ProcessAlive = { v: 1, service: 'ingress', process, beat: (beat += 1), lease };
      await broker.say('ingress', {
        key: routingKeys.processAlive('ingress'),
        content: Buffer.from(JSON.stringify(alive)),
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
