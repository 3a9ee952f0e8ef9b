import { finalRevision } from '@mysmtp/contracts';
import { eventually, startPeer } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainMessage } from './mail.ts';
import { startService } from './service.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('mail for one site is delivered from memory, octet for octet, with one event and without the deferred queue', async () => {
  const peer = await startPeer();
  const service = await startService(world, { smarthost: { host: '127.0.0.1', port: peer.port } });
  try {
    const id = await world.send({ to: ['one@a.test', '"odd,one"@b.test'] });
    await eventually(() => expect(world.eventsOf(id)).toHaveLength(2));
    expect(peer.received).toHaveLength(1);
    const [mail] = peer.received;
    expect(mail?.from).toBe('hello@demo.example.org');
    expect(mail?.to).toEqual(['one@a.test', '"odd,one"@b.test']);
    expect(mail?.raw.toString()).toBe(plainMessage);
    expect(mail?.ehloName).toBe('mail.relay.test');
    expect(mail?.parameters).toMatchObject({ SIZE: String(plainMessage.length) });
    for (const event of world.eventsOf(id)) {
      expect(event).toMatchObject({ status: 'delivered', rev: finalRevision, nextAttemptAt: null });
      const [attempt] = world.attemptsOf(event);
      expect(attempt?.site).toBe('127.0.0.1');
      expect(attempt?.reply).toMatch(/^250 /);
    }
    expect(await world.deferred()).toEqual([]);
    // Counted after the broker has confirmed the events.
    await eventually(async () =>
      expect(await service.metric('mysmtp_delivery_finished_total', { status: 'delivered' })).toBe(
        2,
      ),
    );
  } finally {
    await service.close();
    await peer.close();
  }
});

test('many messages share few connections', async () => {
  const peer = await startPeer();
  const service = await startService(world, { smarthost: { host: '127.0.0.1', port: peer.port } });
  try {
    const sent = await Promise.all(Array.from({ length: 300 }, () => world.send()));
    await eventually(() => expect(peer.received.length).toBe(300), { timeout: 20_000 });
    await eventually(() => expect(sent.every((id) => world.eventsOf(id).length === 1)).toBe(true));
    expect(peer.connections()).toBeLessThanOrEqual(20);
  } finally {
    await service.close();
    await peer.close();
  }
});
