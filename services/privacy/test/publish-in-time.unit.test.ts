import { PublishError, type Publisher } from '@mysmtp/broker';
import { afterEach, expect, test, vi } from 'vitest';
import { publishInTime } from '../src/publish-in-time.ts';

afterEach(() => vi.useRealTimers());

test('a missing confirm is given up', async () => {
  vi.useFakeTimers();
  const publisher: Publisher = {
    publish: () => new Promise(() => undefined),
    isReady: () => true,
    close: () => Promise.resolve(),
  };
  const publication = { key: 'k', content: Buffer.from('') };
  const published = publishInTime(publisher, publication).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await published).toEqual(new PublishError('unknown'));
});
