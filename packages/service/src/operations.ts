import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';

export type Check = () => boolean | Promise<boolean>;

/** How long a scrape waits for the readiness checks. Milliseconds. */
const scrapePatience = 3_000;

export interface OperationsPort {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `/healthz`: the event loop of the process runs. `/readyz`: the process can do its work now, with each
 * condition by name. `/metrics`: Prometheus. For the cluster only; nothing personal is here.
 */
export async function openOperationsPort(options: {
  address: string;
  port: number;
  metrics: Registry;
  checks: ReadonlyMap<string, Check>;
}): Promise<OperationsPort> {
  const { metrics, checks } = options;
  showReadiness(metrics, checks);
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
          const { ready, states } = await readinessOf(checks);
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

/**
 * Evaluated at each scrape by the same checks as `/readyz`, so it cannot be out of date. A check that does
 * not answer in time counts as failed: the kubelet does not wait longer either, and the other metrics must
 * not wait for it.
 */
function showReadiness(metrics: Registry, checks: ReadonlyMap<string, Check>): void {
  const gauge: Gauge = new Gauge({
    name: 'mysmtp_ready',
    help: '1 while /readyz answers 200.',
    registers: [metrics],
    async collect() {
      const late = sleep(scrapePatience, undefined, { ref: false });
      const answer = await Promise.race([readinessOf(checks), late]);
      gauge.set(answer?.ready === true ? 1 : 0);
    },
  });
}

async function readinessOf(
  checks: ReadonlyMap<string, Check>,
): Promise<{ readonly ready: boolean; readonly states: readonly [string, boolean][] }> {
  const states = await Promise.all([...checks].map(evaluate));
  return { ready: states.every(([, ok]) => ok), states };
}

async function evaluate([name, check]: [string, Check]): Promise<[string, boolean]> {
  try {
    return [name, await check()];
  } catch {
    return [name, false];
  }
}
