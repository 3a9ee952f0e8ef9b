import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { usageLog } from '../kit/api.ts';
import { auditWhenQuiet } from '../kit/audit.ts';
import { startLoad } from '../kit/load.ts';
import { scenarioStack } from '../kit/stack.ts';

// The lease keeps its default: every message must get a 250 here, and a machine that pauses for longer than a
// short lease makes ingress refuse mail.
const shortFreshness = { KEY_FRESHNESS: '3s' };
const { current, description } = scenarioStack(() => ({
  env: { ingress: shortFreshness, delivery: shortFreshness },
}));
const others = ['privacy', 'logging', 'identity'] as const;

test('mail flows without them, for longer than keys are fresh, and the log catches up', async () => {
  const first = startLoad(description(), { sessions: 2 });
  await first.accepts(20);
  const seenToday = await first.stop();
  // Delivery needs the keys of the day, too.
  await auditWhenQuiet(seenToday, description().mx.maildir);

  for (const name of others) await current().process(name).stop();
  const load = startLoad(description(), { sessions: 4, pause: 200 });
  // Keys are fresh for three seconds here; after that stale ones are used.
  await sleep(8_000);
  const sent = [...seenToday, ...(await load.stop())];
  expect(sent.filter(({ answer }) => answer.code !== 250)).toEqual([]);
  const result = await auditWhenQuiet(sent, description().mx.maildir);
  expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0, duplicates: 0 });

  for (const name of others) current().process(name).start();
  await Promise.all(others.map((name) => current().process(name).ready()));
  await eventually(
    async () => {
      const rows = await usageLog(description(), { status: 'delivered' });
      expect(rows.length).toBe(result.accepted);
    },
    { timeout: 60_000, every: 1_000 },
  );
}, 240_000);
