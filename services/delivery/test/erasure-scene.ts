import { randomUUID } from 'node:crypto';
import type { Fence } from '@mysmtp/contracts';
import { eventually, followErasures, type Erasures } from '@mysmtp/test-kit';
import { expect } from 'vitest';
import type { Service } from './service.ts';
import { openStage } from './stage.ts';
import { domain, other, startWorld, tenant } from './world.ts';

export const otherDomain = { id: 'domain-2', tenant: other, name: 'other.example.org' };
export const noWire = { finished: 0, unknown: 0 };

/** A world in which `tenant` is erased and `other` is not. */
export async function openScene() {
  const world = await startWorld([domain, otherDomain]);
  const stage = openStage(world);
  const { cleanup } = stage;
  cleanup.defer(() => world.close());
  return {
    ...stage,
    world,
    async follow(): Promise<Erasures> {
      const { broker, neighbours } = world;
      const { serviceKeys: keys, fences } = neighbours;
      const following = followErasures({
        broker,
        service: 'delivery',
        keys,
        fences,
      });
      return cleanup.adopt(await following, (opened) => opened.close());
    },
    /** A fence without a broadcast: only processes that query privacy get it. */
    standingFence(): Fence {
      const fence: Fence = { erasure: randomUUID(), subject: { kind: 'tenant', tenant } };
      world.neighbours.fences.push(fence);
      return fence;
    },
    delivered: (id: string) =>
      eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('delivered')),
    deferredOf: async (whose: string) =>
      (await world.open()).filter((document) => document.tenant === whose),
    /** No event of the tenant was published after the fence, and no error was logged. */
    expectSilence(service: Service, eventsBefore = 0): void {
      expect(world.events.filter((event) => event.tenant === tenant)).toHaveLength(eventsBefore);
      expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
      for (const event of [
        'dsn.created',
        'mail.held',
        'deferred.lease_lost',
        'mail.key_destroyed',
      ]) {
        expect(service.logged(event)).toEqual([]);
      }
    },
  };
}
export type Scene = Awaited<ReturnType<typeof openScene>>;

/** The wire outcome of the one process that has acknowledged a fence. */
export const wireOf = (erasures: Erasures, fence: Fence) =>
  eventually(() => {
    const answers = erasures.answers('fenced', fence);
    expect(answers).toHaveLength(1);
    return answers[0]?.wire;
  });
