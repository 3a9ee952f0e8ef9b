import { wayTo } from './way.ts';

/** A proxy to a server that can be cut: open connections break, and new ones are refused meanwhile. */
export interface Proxy {
  readonly url: string;
  /** The number of open connections. */
  connections(): number;
  cut(): void;
  /** Data to the server still arrives, but its answers are held back until `mend`. */
  deafen(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Listens on a port of 127.0.0.1, any free one by default. */
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
