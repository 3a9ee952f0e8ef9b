import { eventually, startPeer } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService } from './service.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('metrics show the messages behind a full window, and the age of the oldest message in flight', async () => {
  const peer = await startPeer({ onData: () => 'hang' });
  const smarthost = { host: '127.0.0.1', port: peer.port };
  const service = await startService(world, {
    smarthost,
    window: 1,
    // Longer than the interval between two checks of the queue.
    finalReplyTimeout: 60_000,
    transactionTimeout: 60_000,
  });
  try {
    expect(await service.metric('mysmtp_delivery_oldest_message_age_seconds')).toBe(0);
    expect(await service.metric('mysmtp_delivery_finished_total', { status: 'bounced' })).toBe(0);
    await world.send();
    await eventually(() => expect(peer.attempted).toHaveLength(1));
    await world.send();
    await world.send();
    const store = 'queue.delivery.mail';
    // Checked every ten seconds. A check that gets no answer in time is skipped.
    await eventually(
      async () => expect(await service.metric('mysmtp_queue_messages_waiting', { store })).toBe(2),
      { timeout: 40_000 },
    );
    service.clock.ahead = 3_600_000;
    const age = await service.metric('mysmtp_delivery_oldest_message_age_seconds');
    expect(age).toBeGreaterThan(3_600);
    expect(age).toBeLessThan(3_660);
  } finally {
    await peer.close();
    await service.close();
  }
}, 60_000);
