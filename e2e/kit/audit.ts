import type { Sent } from './load.ts';
import { readMaildir, type Delivered } from './maildir.ts';
import { setTimeout as sleep } from 'node:timers/promises';

/** The results of a load: the three numbers that must be 0, and the number of copies. */
export interface Audit {
  readonly accepted: number;
  readonly delivered: number;
  /** Accepted with 250 and not received by the MX. */
  readonly lost: number;
  /** Received by the MX although refused, or never sent. */
  readonly unexpected: number;
  /** Body different from the sent one. */
  readonly altered: number;
  /** Further copies of a message for the same recipient. */
  readonly duplicates: number;
  /** When the first copy of each of these arrived. Milliseconds since the epoch. */
  readonly doubledAt: readonly number[];
  /** The longest time from our 250 to the first copy. Milliseconds. */
  readonly longestWait: number;
}

export function audit(sent: readonly Sent[], delivered: readonly Delivered[]): Audit {
  const key = (id: string, recipient: string) => `${id} ${recipient.toLowerCase()}`;
  const expected = new Map<string, Sent>();
  for (const message of sent) {
    for (const recipient of message.recipients) expected.set(key(message.id, recipient), message);
  }
  /** When the copies of each arrived. */
  const seen = new Map<string, number[]>();
  let unexpected = 0;
  let altered = 0;
  for (const copy of delivered) {
    if (copy.id === undefined) continue;
    const name = key(copy.id, copy.deliveredTo.replaceAll(/[<>]/g, ''));
    seen.set(
      name,
      [...(seen.get(name) ?? []), copy.arrivedAt].toSorted((a, b) => a - b),
    );
    const message = expected.get(name);
    // A message without an answer may be accepted or not: both are correct.
    if (message === undefined || (message.answer.code !== 250 && message.answer.code !== 0)) {
      unexpected += 1;
    } else if (message.bodyHash !== copy.bodyHash) altered += 1;
  }
  const accepted = [...expected].filter(([, message]) => message.answer.code === 250);
  return {
    accepted: accepted.length,
    delivered: seen.size,
    lost: accepted.filter(([name]) => !seen.has(name)).length,
    unexpected,
    altered,
    duplicates: [...seen.values()].reduce((sum, copies) => sum + copies.length - 1, 0),
    longestWait: Math.max(
      0,
      ...accepted.map(([name, { at }]) => Math.min(...(seen.get(name) ?? [at])) - at),
    ),
    doubledAt: [...seen.values()].flatMap(([first = 0, ...more]) => (more.length > 0 ? first : [])),
  };
}

/** Audits repeatedly until no message is missing, or until the patience (milliseconds) ends. */
export async function auditWhenQuiet(
  sent: readonly Sent[],
  maildir: string,
  patience = 60_000,
): Promise<Audit> {
  const deadline = Date.now() + patience;
  for (;;) {
    const result = audit(sent, await readMaildir(maildir));
    if (result.lost === 0 || Date.now() > deadline) {
      // A late duplicate could still arrive, so audit once more after a pause.
      await sleep(1_500);
      return audit(sent, await readMaildir(maildir));
    }
    await sleep(250);
  }
}
