import { median, type Measured } from './measure.ts';

/** The measurements of one row, in the order of the rounds. */
export interface Result {
  readonly name: string;
  readonly rounds: readonly Measured[];
}

const rate = ({ messages, arrived }: Measured) => messages / arrived;
const sum = (parts: Measured['cpu']) => Object.values(parts).reduce((a, b) => a + b, 0);

/** The table: medians, and ratios against the first row. */
export function table(results: readonly Result[]): string {
  const [first] = results;
  const lines = [
    ['', 'msg/s', 'ratio', 'CPU µs/msg', 'ratio', 'flushes/msg', 'accepted/s', 'min–max msg/s'],
  ];
  for (const { name, rounds } of results) {
    const rates = rounds.map(rate);
    const speed = median(rates);
    const cpu = median(rounds.map((one) => sum(one.cpu)));
    const base = first?.rounds ?? rounds;
    lines.push([
      name,
      speed.toFixed(0),
      `${(speed / median(base.map(rate))).toFixed(2)}×`,
      cpu.toFixed(0),
      `${(median(base.map((one) => sum(one.cpu))) / cpu).toFixed(2)}×`,
      median(rounds.map((one) => one.flushes)).toFixed(2),
      median(rounds.map((one) => one.messages / one.accepted)).toFixed(0),
      `${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)}`,
    ]);
  }
  return aligned(lines);
}

/** The distribution of the CPU time, by part of each system. */
export function cpuTable(results: readonly Result[]): string {
  return results
    .map(({ name, rounds }) => {
      const parts = Object.keys(rounds[0]?.cpu ?? {}).map((part) => {
        const value = median(rounds.map((one) => one.cpu[part] ?? 0));
        return `${part} ${value.toFixed(0)}`;
      });
      return `${name}: ${parts.join(', ')}`;
    })
    .join('\n');
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
