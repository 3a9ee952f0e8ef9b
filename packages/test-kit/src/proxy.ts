import { wayTo } from './way.ts';

/** A way to a server that can be cut: what is open breaks, and what is tried meanwhile is refused. */
export interface Proxy {
  readonly url: string;
  /** How many are open. */
  connections(): number;
  cut(): void;
  /** What is said still arrives, but nothing comes back before it is mended. */
  deafen(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Listens on a port of 127.0.0.1, any free one unless said. */
export async function proxyTo(url: string, port = 0): Promise<Proxy> {
  let isCut = false;
  let isDeaf = false;
  const heldBack: (() => void)[] = [];
  const way = await wayTo(url, {
    port,
    accepts: () => !isCut,
    onServer(octets, { client }) {
      const goOn = (): void => void client.write(octets);
      if (isDeaf) heldBack.push(goOn);
      else goOn();
    },
  });
  return {
    url: way.url,
    connections: way.open,
    cut() {
      isCut = true;
      way.breakAll();
    },
    deafen() {
      isDeaf = true;
    },
    mend() {
      isCut = false;
      isDeaf = false;
      for (const goOn of heldBack.splice(0)) goOn();
    },
    close: way.close,
  };
}
