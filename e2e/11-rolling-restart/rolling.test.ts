import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { auditWhenQuiet } from '../kit/audit.ts';
import { startLoad } from '../kit/load.ts';
import { scenarioStack } from '../kit/stack.ts';

const { current, description } = scenarioStack();

test('each service restarts under load; nothing lost, nothing duplicated', async () => {
  const load = startLoad(description(), { sessions: 10 });
  for (const name of ['ingress', 'delivery', 'logging', 'identity', 'privacy'] as const) {
    await load.accepts(200);
    const service = current().process(name);
    const before = service.pid();
    service.kill('SIGTERM');
    while (service.pid() === before) await sleep(20);
    await service.ready();
  }
  await load.accepts(200);
  const sent = await load.stop();

  const result = await auditWhenQuiet(sent, description().mx.maildir, 120_000);
  expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0, duplicates: 0 });
  const others = sent.filter(({ answer }) => ![250, 421, 451].includes(answer.code));
  expect(others.map(({ answer }) => answer)).toEqual([]);
});
