import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export type Check = () => boolean | Promise<boolean>;

export interface OperationsPort {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `/healthz`: the process turns its event loop. `/readyz`: it can do its work now, with each
 * condition by name. `/metrics`: Prometheus. For the cluster's own eyes; nothing personal is here.
 */
export async function openOperationsPort(options: {
  address: string;
  port: number;
  metrics: Registry;
  checks: ReadonlyMap<string, Check>;
}): Promise<OperationsPort> {
  const { metrics, checks } = options;
  const server = createServer((request, response) => {
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const answer = async (): Promise<void> => {
      switch (request.url) {
        case '/healthz':
          return json(200, { status: 'ok' });
        case '/readyz': {
          const states = await Promise.all([...checks].map(evaluate));
          const ready = states.every(([, ok]) => ok);
          return json(ready ? 200 : 503, {
            status: ready ? 'ready' : 'not ready',
            checks: Object.fromEntries(states),
          });
        }
        case '/metrics':
          response.writeHead(200, { 'content-type': metrics.contentType });
          response.end(await metrics.metrics());
          return;
        default:
          return json(404, { status: 'not found' });
      }
    };
    answer().catch(() => json(500, { status: 'failed' }));
  });
  server.keepAliveTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function evaluate([name, check]: [string, Check]): Promise<[string, boolean]> {
  try {
    return [name, await check()];
  } catch {
    return [name, false];
  }
}
