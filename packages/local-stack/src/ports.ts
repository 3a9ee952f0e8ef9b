import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { readPrivate, writePrivate } from './secrets.ts';

/** Below the range from which the system takes ports for outgoing connections. */
const anyPort = () => randomInt(10_000, 32_000);

/** The one port of that range to which neither `fetch` nor a browser connects (WHATWG Fetch, "Port blocking"). */
const badPort = 10_080;

/** A port of the loopback interface that is of use to us: the wished one, or any. */
async function freePort(wish: number, taken: ReadonlySet<number>): Promise<number> {
  let port = wish === 0 ? anyPort() : wish;
  while (taken.has(port) || !(await isUsable(port))) port = anyPort();
  return port;
}

function isUsable(port: number): Promise<boolean> {
  if (port === badPort) return Promise.resolve(false);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * Chooses a port for each name, the same as last time where it is free, and remembers the choice:
 * clients are configured once, not at every start. Where the wish is 0, any port will do.
 */
export async function choosePorts<Name extends string>(
  file: string,
  wishes: Readonly<Record<Name, number>>,
): Promise<Record<Name, number>> {
  const earlier = await readPrivate<Partial<Record<Name, number>>>(file);
  const taken = new Set<number>();
  const chosen: Partial<Record<Name, number>> = {};
  for (const [name, wish] of Object.entries(wishes) as [Name, number][]) {
    const port = await freePort(earlier?.[name] ?? wish, taken);
    taken.add(port);
    chosen[name] = port;
  }
  await writePrivate(file, chosen);
  return chosen as Record<Name, number>;
}

/** A free port for each name. */
export async function freePorts(names: readonly string[]): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const name of names) ports[name] = await freePort(0, new Set(Object.values(ports)));
  return ports;
}

/** The same names, and any port will do. */
export function anyPorts<Name extends string>(
  wishes: Readonly<Record<Name, number>>,
): Record<Name, number> {
  return Object.fromEntries(Object.keys(wishes).map((name) => [name, 0])) as Record<Name, number>;
}
