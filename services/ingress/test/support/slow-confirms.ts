import type { Socket } from 'node:net';
import { wayTo, type Passage } from '@mysmtp/test-kit';

/** A proxy to the broker that can delay everything that the broker sends to the publisher. */
export interface SlowConfirms {
  readonly url: string;
  hold(): void;
  /** Forwards everything that was delayed. */
  release(): void;
  /** Breaks all other connections. New connections are forwarded. */
  cutOthers(): void;
  close(): Promise<void>;
}

/** The name of the publisher's connection at its start. */
const publisher = '(publish)';

export async function slowConfirms(url: string): Promise<SlowConfirms> {
  const publishing = new WeakSet<Passage>();
  const others = new Set<Socket>();
  const held: (() => void)[] = [];
  let holding = false;
  const way = await wayTo(url, {
    onClient(octets, passage) {
      if (octets.includes(publisher)) publishing.add(passage);
      if (publishing.has(passage)) others.delete(passage.client);
      else others.add(passage.client);
    },
    onServer(octets, passage) {
      const goOn = (): void => void passage.client.write(octets);
      if (holding && publishing.has(passage)) held.push(goOn);
      else goOn();
    },
  });
  return {
    url: way.url,
    hold() {
      holding = true;
    },
    release() {
      holding = false;
      for (const goOn of held.splice(0)) goOn();
    },
    cutOthers() {
      for (const socket of others) socket.destroy();
      others.clear();
    },
    close: way.close,
  };
}
