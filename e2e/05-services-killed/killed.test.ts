import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { auditWhenQuiet } from '../kit/audit.ts';
import { startLoad, type Sent } from '../kit/load.ts';
import { scenarioStack } from '../kit/stack.ts';

const { current, facts } = scenarioStack();
const rounds = 3;
/** Of all tests: they share a Maildir. */
const everything: Sent[] = [];

test.each(['ingress', 'delivery'] as const)('%s dies and nothing is lost', async (name) => {
  const service = current().process(name);
  const load = startLoad(facts(), { sessions: 10 });
  let slowest = 0;
  for (let round = 0; round < rounds; round += 1) {
    await sleep(2_000);
    const before = service.pid();
    service.kill('SIGKILL');
    const died = Date.now();
    while (service.pid() === before) await sleep(20);
    await service.ready();
    slowest = Math.max(slowest, Date.now() - died);
  }
  await sleep(2_000);
  everything.push(...(await load.stop()));

  const result = await auditWhenQuiet(everything, facts().mx.maildir, 150_000);
  expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0 });
  expect(result.accepted).toBeGreaterThan(100);
  expect(slowest).toBeLessThan(30_000);
  // At most what one process holds, once for each time it died.
  expect(result.duplicates).toBeLessThanOrEqual(2 * rounds * 500);
  process.stderr.write(
    `${name}: ${String(result.accepted)} accepted, ${String(result.duplicates)} duplicates, ` +
      `back after ${String(slowest)} ms at most\n`,
  );
});
