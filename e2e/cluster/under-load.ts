import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { audit, auditWhenQuiet } from '../kit/audit.ts';
import { startLoad, type Sent } from '../kit/load.ts';
import { readMaildir } from '../kit/maildir.ts';
import type { ClusterDescription } from './description.ts';
import { progress } from './tools.ts';

const before = 3_000;
const after = 5_000;
const patience = 180_000;

/**
 * Runs a function while clients send, and returns the results of their mail. `earlier` is mail that was sent
 * before: it may still arrive, and must be unchanged.
 */
export async function underLoad(
  description: ClusterDescription,
  earlier: Sent[],
  disturb: () => Promise<void>,
): Promise<{ readonly sent: readonly Sent[]; readonly duplicates: number }> {
  const soFar = audit(earlier, await readMaildir(description.mx.maildir));
  const load = startLoad(description, { sessions: 6, pause: 30 });
  try {
    await sleep(before);
    await disturb();
    await sleep(after);
  } finally {
    await load.stop();
  }
  earlier.push(...load.sent);
  const result = await auditWhenQuiet(earlier, description.mx.maildir, patience);
  progress(JSON.stringify(result));
  expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0 });
  expect(result.accepted - soFar.accepted).toBeGreaterThan(100);
  return { sent: load.sent, duplicates: result.duplicates - soFar.duplicates };
}

/** The replies to clients other than 250. */
export const refusals = (sent: readonly Sent[]): readonly number[] => [
  ...new Set(sent.map(({ answer }) => answer.code).filter((code) => code !== 250)),
];
