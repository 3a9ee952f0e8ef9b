import { queues } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { showQueue } from '../src/show-queue.ts';

const metrics = new Registry();
const log = createLogger('delivery', 'error', { write: () => undefined });
let resources: AsyncDisposableStack;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  resources = new AsyncDisposableStack();
  metrics.clear();
});
afterEach(async () => {
  await resources.disposeAsync();
  vi.useRealTimers();
});

const show = (queue: Parameters<typeof showQueue>[1], reader: Parameters<typeof showQueue>[2]) =>
  showQueue(
    {
      metrics,
      log,
      clock: { now: () => Date.now() },
      manage: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    },
    queue,
    reader,
  );

async function shown(): Promise<Record<string, number>> {
  const gauge = await metrics.getSingleMetric('mysmtp_queue_messages_waiting')?.get();
  return Object.fromEntries(
    (gauge?.values ?? []).map(({ labels, value }) => [String(labels['store']), value]),
  );
}

test('the number of messages is read periodically, and nothing is shown while the broker is unreachable', async () => {
  let waiting: number | undefined = 3;
  show(queues.deliveryMail, {
    queueState: () =>
      waiting === undefined ? Promise.reject(new Error('away')) : Promise.resolve({ waiting }),
  });
  show(queues.ingressSpool, { queueState: () => Promise.resolve({ waiting: 7 }) });
  await vi.advanceTimersByTimeAsync(1);
  expect(await shown()).toEqual({ 'queue.delivery.mail': 3, 'queue.ingress.spool': 7 });
  waiting = 5;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await shown()).toEqual({ 'queue.delivery.mail': 5, 'queue.ingress.spool': 7 });
  waiting = undefined;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await shown()).toEqual({ 'queue.ingress.spool': 7 });
});

test('a broker that never answers shows nothing and does not delay the close', async () => {
  vi.useRealTimers();
  let silent = false;
  show(queues.deliveryMail, {
    queueState: () => {
      silent = true;
      return new Promise(() => undefined);
    },
  });
  await resources.disposeAsync();
  expect(silent).toBe(true);
  expect(await shown()).toEqual({});
});
