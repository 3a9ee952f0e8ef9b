import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';

/** A port of the loopback interface that nobody listens on: the wished one, or any. */
async function freePort(wish: number, taken: ReadonlySet<number>): Promise<number> {
  for (const port of [wish, 0]) {
    if (taken.has(port)) continue;
    const found = await tryPort(port);
    if (found !== undefined && !taken.has(found)) return found;
  }
  return freePort(0, taken);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const found = typeof address === 'object' ? address?.port : undefined;
      server.close(() => resolve(found));
    });
  });
}

/**
 * Chooses a port for each name, the same as last time where it is free, and remembers the choice:
 * clients are configured once, not at every start.
 */
export async function choosePorts<Name extends string>(
  file: string,
  wishes: Readonly<Record<Name, number>>,
): Promise<Record<Name, number>> {
  const earlier = (await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as unknown)
    .catch(() => ({}))) as Partial<Record<Name, number>>;
  const taken = new Set<number>();
  const chosen: Partial<Record<Name, number>> = {};
  for (const [name, wish] of Object.entries(wishes) as [Name, number][]) {
    const port = await freePort(earlier[name] ?? wish, taken);
    taken.add(port);
    chosen[name] = port;
  }
  await writeFile(file, JSON.stringify(chosen, null, 2));
  return chosen as Record<Name, number>;
}
