import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openOperationsPort, type Check, type OperationsPort } from '../src/operations.ts';

const checks = new Map<string, Check>();
let operations: OperationsPort;
beforeEach(async () => {
  checks.clear();
  operations = await openOperationsPort({
    address: '127.0.0.1',
    port: 0,
    metrics: new Registry(),
    checks,
  });
});
afterEach(() => operations.close());

const get = (path: string) => fetch(`http://127.0.0.1:${String(operations.port)}${path}`);

/** The gauge as Prometheus reads it, and the status of `/readyz`. */
async function readiness(): Promise<{ gauge: string | undefined; code: number }> {
  const text = await (await get('/metrics')).text();
  const gauge = /^mysmtp_ready (\S+)$/m.exec(text)?.[1];
  return { gauge, code: (await get('/readyz')).status };
}

test('mysmtp_ready has at each scrape the result of /readyz', async () => {
  let isUp = true;
  checks.set('started', () => true);
  checks.set('rabbitmq', () => isUp);
  expect(await readiness()).toEqual({ gauge: '1', code: 200 });
  isUp = false;
  expect(await readiness()).toEqual({ gauge: '0', code: 503 });
  isUp = true;
  expect(await readiness()).toEqual({ gauge: '1', code: 200 });
});

test('a check that throws makes both not ready', async () => {
  checks.set('mongodb', () => Promise.reject(new Error('away')));
  expect(await readiness()).toEqual({ gauge: '0', code: 503 });
});

test('a condition that is added later is evaluated as well', async () => {
  expect(await readiness()).toEqual({ gauge: '1', code: 200 });
  checks.set('fences', () => false);
  expect(await readiness()).toEqual({ gauge: '0', code: 503 });
});

test('a check that never answers counts as failed, and the scrape gets its answer', async () => {
  checks.set('mongodb', () => new Promise(() => undefined));
  const text = await (await get('/metrics')).text();
  expect(text).toMatch(/^mysmtp_ready 0$/m);
});
