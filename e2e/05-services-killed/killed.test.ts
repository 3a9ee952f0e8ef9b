import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { auditWhenQuiet } from '../kit/audit.ts';
import { startLoad, type Sent } from '../kit/load.ts';
import { scenarioStack } from '../kit/stack.ts';

const { current, facts } = scenarioStack();
const rounds = 3;
/** Of all tests: they share a Maildir. */
const everything: Sent[] = [];

/** What is delivered and not yet settled with the broker is delivered again: so long before a death at most. */
const unsettled = 1_000;
/** What was on the wire at the death may arrive a moment later. */
const onTheWire = 500;

test.each(['ingress', 'delivery'] as const)('%s dies and nothing is lost', async (name) => {
  const service = current().process(name);
  const load = startLoad(facts(), { sessions: 10 });
  const deaths: number[] = [];
  let slowest = 0;
  for (let round = 0; round < rounds; round += 1) {
    await load.accepts(200);
    const before = service.pid();
    const died = Date.now();
    service.kill('SIGKILL');
    deaths.push(died);
    while (service.pid() === before) await sleep(20);
    await service.ready();
    slowest = Math.max(slowest, Date.now() - died);
  }
  await load.accepts(200);
  everything.push(...(await load.stop()));

  const result = await auditWhenQuiet(everything, facts().mx.maildir, 150_000);
  expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0 });
  expect(slowest).toBeLessThan(30_000);
  const unexplained = result.doubledAt.filter(
    (at) => !deaths.some((died) => at > died - unsettled && at < died + onTheWire),
  );
  expect(unexplained).toEqual([]);
  // Delivery takes a message of a broken-off submission once or not at all.
  if (name === 'ingress') expect(result.duplicates).toBe(0);
  process.stderr.write(
    `${name}: ${String(result.accepted)} accepted, ${String(result.duplicates)} duplicates, ` +
      `back after ${String(slowest)} ms at most, ` +
      `a message waited ${String(Math.round(result.longestWait))} ms at most\n`,
  );
});
