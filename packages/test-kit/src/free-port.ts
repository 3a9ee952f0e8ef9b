import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port of the loopback interface that nobody uses now. It is below the range from which the system
 * takes ports for outgoing connections: none of those takes it before the test does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_100, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
