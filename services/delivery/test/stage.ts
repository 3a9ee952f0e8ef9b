import { eventually, startPeer, type PeerScript } from '@mysmtp/test-kit';
import type { DeliveryConfig } from '../src/config.ts';
import { startService, type Service } from './service.ts';
import { startTranscriber } from './transcriber.ts';
import type { World } from './world.ts';

/** Delivery services in a world, each with one receiver for all its mail. */
export function openStage(world: World) {
  const cleanup = new AsyncDisposableStack();

  async function startAt(
    port: number,
    config: Partial<DeliveryConfig> = {},
    options: Parameters<typeof startService>[2] = {},
  ): Promise<Service> {
    const smarthost = { host: '127.0.0.1', port };
    const service = await startService(world, { smarthost, ...config }, options);
    cleanup.defer(service.close);
    return service;
  }

  return {
    cleanup,
    startAt,
    async startWith(script: PeerScript = {}, config: Partial<DeliveryConfig> = {}) {
      const peer = await startPeer(script);
      cleanup.defer(peer.close);
      return { peer, service: await startAt(peer.port, config) };
    },
    async startTranscribed(extensions: string, config: Partial<DeliveryConfig> = {}) {
      const { port, lines, close } = await startTranscriber(extensions);
      cleanup.defer(close);
      return { lines, service: await startAt(port, config) };
    },
    /** The first event of a message. */
    firstEvent: (id: string) =>
      eventually(() => {
        const [event] = world.eventsOf(id);
        if (event === undefined) throw new Error('not yet');
        return event;
      }),
  };
}
export type Stage = ReturnType<typeof openStage>;
