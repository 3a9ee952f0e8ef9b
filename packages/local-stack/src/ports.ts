import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { readPrivate, writePrivate } from './secrets.ts';

/** Below the range from which the system takes ports for outgoing connections. */
const anyPort = () => randomInt(10_000, 32_000);

/**
 * The one port of that range to which neither `fetch` nor a browser connects (WHATWG Fetch, "Port blocking").
 */
const badPort = 10_080;

/** Ports that this process has chosen. */
const reserved = new Set<number>();

/** A free port of the loopback interface: the preferred one, or any that was never chosen here. */
async function choosePort(preferredPort: number, taken: ReadonlySet<number>): Promise<number> {
  let port = preferredPort;
  while (port === 0 || taken.has(port) || !(await isUsable(port))) {
    do port = anyPort();
    while (reserved.has(port));
  }
  return port;
}

async function isUsable(port: number): Promise<boolean> {
  return port !== badPort && (await reserve(port)) && (await isFree(port));
}

/**
 * Reserves the port against our other processes, because there is a delay between choosing and listening. The
 * reservation is a name in the abstract namespace of Unix sockets, which exists as long as its process. If a
 * system has no such names, nothing is reserved.
 */
function reserve(port: number): Promise<boolean> {
  if (reserved.has(port)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const name = createServer();
    const end = (isOurs: boolean): void => {
      if (isOurs) reserved.add(port);
      resolve(isOurs);
    };
    name.once('error', ({ code }: NodeJS.ErrnoException) => end(code !== 'EADDRINUSE'));
    name.listen(`\0mysmtp-port-${String(port)}`, () => end(true)).unref();
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port of the loopback interface that is free and not reserved by another process of ours. */
export const freePort = (): Promise<number> => choosePort(0, new Set());

/**
 * Chooses a port for each name, the same as last time if it is free, and stores the choice, so that clients
 * are configured once. If the preferred port is 0, any port is chosen.
 */
export async function choosePorts<Name extends string>(
  file: string,
  preferredPorts: Readonly<Record<Name, number>>,
): Promise<Record<Name, number>> {
  const earlier = await readPrivate<Partial<Record<Name, number>>>(file);
  const taken = new Set<number>();
  const chosen: Partial<Record<Name, number>> = {};
  for (const [name, preferredPort] of Object.entries(preferredPorts) as [Name, number][]) {
    const port = await choosePort(earlier?.[name] ?? preferredPort, taken);
    taken.add(port);
    chosen[name] = port;
  }
  await writePrivate(file, chosen);
  return chosen as Record<Name, number>;
}

/** A free port for each name. */
export async function freePorts(names: readonly string[]): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const name of names) ports[name] = await freePort();
  return ports;
}

/** The same names, with any port. */
export function anyPorts<Name extends string>(
  preferredPorts: Readonly<Record<Name, number>>,
): Record<Name, number> {
  return Object.fromEntries(Object.keys(preferredPorts).map((name) => [name, 0])) as Record<
    Name,
    number
  >;
}
