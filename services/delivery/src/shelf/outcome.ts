import { addEvidence } from '../evidence/evidence.ts';
import type { Report } from '../courier/attempt.ts';
import type { Message } from '../message/message.ts';
import type { Group } from '../routing/router.ts';
import { providerOf } from '../routing/provider.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Failure } from './case.ts';
import { advance, type Row } from './rows.ts';

/** What a report changes. */
export interface Outcome {
  readonly changed: Row[];
  readonly failures: Map<number, Failure>;
}

const statusOf = { delivered: 'delivered', transient: 'deferred', permanent: 'bounced' } as const;

/** Writes what an attempt showed into the rows of its group: status, evidence, and for reports the failures. */
export function applyReport(
  context: { message: Message; group: Group; telemetry: Telemetry },
  rows: readonly Row[],
  report: Extract<Report, { attempted: true }>,
): Outcome {
  const { message, group, telemetry } = context;
  const { at, site, tlsVersion, verdicts } = report;
  const provider = 'site' in group ? providerOf(group.site) : 'none';
  const changed: Row[] = [];
  const failures = new Map<number, Failure>();
  let unknown = false;
  group.places.forEach((n, place) => {
    const row = rows[n];
    const verdict = verdicts[place];
    if (row === undefined || verdict === undefined) return;
    const before = row.status;
    if (!advance(row, statusOf[verdict.kind])) return;
    const { text: reply, enhancedCode } = verdict;
    addEvidence(message, row, { at, site, tlsVersion, reply, enhancedCode });
    if (verdict.kind === 'permanent') failures.set(n, { at, site, reply, enhancedCode });
    changed.push(row);
    unknown ||= verdict.unknown === true;
    telemetry.attempted(provider, verdict.kind);
    if (verdict.kind === 'delivered') {
      telemetry.delivered((at - message.acceptedAt) / 1_000, before);
    }
  });
  if (unknown) telemetry.duplicatePossible(message.id);
  return { changed, failures };
}
