import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { auditWhenQuiet, type Audit } from '../kit/audit.ts';
import { startLoad, type Sent } from '../kit/load.ts';
import { readMaildir } from '../kit/maildir.ts';
import type { ClusterFacts } from './facts.ts';
import { progress } from './tools.ts';

const before = 3_000;
const after = 5_000;
const patience = 180_000;

/** Does something while clients send, and tells what became of their mail. */
export async function underLoad(
  facts: ClusterFacts,
  disturb: () => Promise<void>,
): Promise<{ readonly sent: readonly Sent[]; readonly result: Audit }> {
  const load = startLoad(facts, { sessions: 6, pause: 30 });
  try {
    await sleep(before);
    await disturb();
    await sleep(after);
  } finally {
    await load.stop();
  }
  const result = await auditWhenQuiet(load.sent, facts.mx.maildir, patience);
  progress(JSON.stringify(result));
  if (result.unexpected > 0) progress(await unexpectedAnswers(facts, load.sent));
  expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0 });
  expect(result.accepted).toBeGreaterThan(100);
  return { sent: load.sent, result };
}

/** What clients were told of mail that arrived although it was refused. */
async function unexpectedAnswers(facts: ClusterFacts, sent: readonly Sent[]): Promise<string> {
  const arrived = new Set((await readMaildir(facts.mx.maildir)).map(({ id }) => id));
  const wrong = sent.filter(({ id, answer }) => arrived.has(id) && answer.code >= 400);
  return wrong.map(({ at, answer }) => `${new Date(at).toISOString()} ${answer.text}`).join('\n');
}

/** What clients were told beside 250. */
export const refusals = (sent: readonly Sent[]): readonly number[] => [
  ...new Set(sent.map(({ answer }) => answer.code).filter((code) => code !== 250)),
];
