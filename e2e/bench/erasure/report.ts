export interface Stage {
  readonly name: string;
  readonly seconds: number;
}

/** What an erasure took, stage by stage, and what it cost those who sent meanwhile. */
export function erasureTable(
  stages: readonly Stage[],
  receipts: readonly { readonly store: string; readonly deleted: number }[],
  rates: { readonly usual: number; readonly meanwhile: number },
): string {
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = stages.find(({ name }) => name === 'purging')?.seconds ?? 0;
  const deleted = receipts.find(({ store }) => store === 'logging.messages')?.deleted ?? 0;
  const share = (100 * rates.meanwhile) / rates.usual;
  return [
    ...stages.map(({ name, seconds }) => `${name.padEnd(16)}${seconds.toFixed(1).padStart(8)} s`),
    `${'completed_live'.padEnd(16)}${total.toFixed(1).padStart(8)} s`,
    '',
    `usage log: ${String(deleted)} rows removed, ${(deleted / Math.max(rows, 0.001)).toFixed(0)}/s`,
    `others: ${rates.usual.toFixed(0)} messages/s before, ${rates.meanwhile.toFixed(0)} meanwhile (${share.toFixed(0)} %)`,
  ].join('\n');
}
