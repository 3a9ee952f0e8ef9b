import type { Socket } from 'node:net';
import { wayTo, type Passage } from '@mysmtp/test-kit';

/** A way to the broker on which everything goes through at once but what it says to the publisher. */
export interface SlowConfirms {
  readonly url: string;
  hold(): void;
  /** Everything that was held goes on. */
  release(): void;
  /** Every other connection breaks; the next ones come through. */
  cutOthers(): void;
  close(): Promise<void>;
}

/** As the publisher's connection names itself when it begins. */
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
