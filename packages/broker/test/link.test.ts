import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { openLink } from '../src/link.ts';

test('a set-up that the broker never answers is given up, and the next connection tries again', async () => {
  await using cleanup = new AsyncDisposableStack();
  const broker = await freshBroker();
  cleanup.defer(() => broker.close());
  const log = createLogger('delivery', 'error');
  let setUps = 0;
  const setUp = () =>
    (setUps += 1) === 1 ? new Promise<void>(() => undefined) : Promise.resolve();
  const link = await openLink({ url: broker.url, name: 'test', log }, 'consume', setUp, 300);
  cleanup.defer(() => link.close());
  await eventually(() => expect(link.isUp()).toBe(true));
  expect(setUps).toBe(2);
});
