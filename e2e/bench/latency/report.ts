import type { Latencies } from './distribution.ts';

interface Line {
  readonly name: string;
  /** Share of the capacity. */
  readonly load: number;
  /** Messages per second. */
  readonly rate: number;
  readonly latencies: Latencies;
}

/** A table in Markdown. Each cell of a latency has p50 / p95 / p99 in milliseconds. */
export function latencyTable(lines: readonly Line[]): string {
  const header = [
    'ms: p50 / p95 / p99',
    'messages per second',
    'last octet to 250',
    'due to 250',
    'last octet to the remote 250',
  ];
  const rows = lines.map(({ name, load, rate, latencies: { reply, sinceDue, remote } }) => [
    `${name}, ${(load * 100).toFixed(0)} %`,
    rate.toFixed(0),
    ...[reply, sinceDue, remote].map((values) =>
      values.map((value) => value.toFixed(1)).join(' / '),
    ),
  ]);
  return [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
