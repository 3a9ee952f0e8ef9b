export interface Stage {
  readonly name: string;
  readonly seconds: number;
}

/** The time of an erasure, by stage, and its effect on other senders. */
export function erasureTable(
  stages: readonly Stage[],
  receipts: readonly { readonly store: string; readonly deleted: number }[],
  rates: {
    readonly before: number;
    readonly meanwhile: number;
    readonly after: number;
    /** In the minute that begins with the erasure, if it takes less. */
    readonly minute: number | undefined;
  },
): string {
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = stages.find(({ name }) => name === 'purging')?.seconds ?? 0;
  const deleted = receipts.find(({ store }) => store === 'logging.messages')?.deleted ?? 0;
  const { before, meanwhile, after, minute } = rates;
  const share = (rate: number): string =>
    `${rate.toFixed(0)} messages/s (${((200 * rate) / (before + after)).toFixed(0)} %)`;
  return [
    ...stages.map(({ name, seconds }) => `${name.padEnd(16)}${seconds.toFixed(1).padStart(8)} s`),
    `${'completed_live'.padEnd(16)}${total.toFixed(1).padStart(8)} s`,
    '',
    `usage log: ${String(deleted)} rows removed, ${(deleted / Math.max(rows, 0.001)).toFixed(0)}/s`,
    `others: ${before.toFixed(0)} messages/s before, ${share(meanwhile)} meanwhile, ${after.toFixed(0)} after`,
    ...(minute === undefined ? [] : [`in the minute from its begin: ${share(minute)}`]),
  ].join('\n');
}
