export interface Stage {
  readonly name: string;
  readonly seconds: number;
}

export interface ErasureTimes {
  readonly stages: readonly Stage[];
  /** Rows of the usage log. */
  readonly deleted: number;
  /** Accepted messages of the others per second, before it and during it. */
  readonly before: number;
  readonly meanwhile: number;
}

/**
 * The time of each erasure, by stage, and its effect on other senders: their rate meanwhile against the mean
 * of the rates before and after it. `after`: their rate after the last one.
 */
export function erasureTable(erasures: readonly ErasureTimes[], after: number): string {
  const lines: string[] = [];
  const all = { seconds: 0, accepted: 0, expected: 0 };
  for (const [n, { stages, deleted, before, meanwhile }] of erasures.entries()) {
    const total = secondsOf(stages);
    const purging = stages.find(({ name }) => name === 'purging')?.seconds ?? 0;
    const next = erasures[n + 1]?.before ?? after;
    const usual = (before + next) / 2;
    all.seconds += total;
    all.accepted += meanwhile * total;
    all.expected += usual * total;
    lines.push(
      ...stages.map(({ name, seconds }) => `${name.padEnd(16)}${seconds.toFixed(1).padStart(8)} s`),
      `${'completed_live'.padEnd(16)}${total.toFixed(1).padStart(8)} s`,
      `usage log: ${String(deleted)} rows removed, ${(deleted / Math.max(purging, 0.001)).toFixed(0)}/s`,
      `others: ${before.toFixed(0)} messages/s before, ${meanwhile.toFixed(0)} meanwhile (${percent(meanwhile, usual)}), ${next.toFixed(0)} after`,
      '',
    );
  }
  if (erasures.length > 1) {
    lines.push(
      `all ${String(erasures.length)} erasures: ${all.seconds.toFixed(1)} s, others at ${percent(all.accepted, all.expected)} of their rate meanwhile`,
    );
  }
  return lines.join('\n').trimEnd();
}

const secondsOf = (stages: readonly Stage[]): number =>
  stages.reduce((sum, { seconds }) => sum + seconds, 0);

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(0)} %`;
