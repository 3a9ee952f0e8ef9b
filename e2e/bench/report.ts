import { cpuSum, medianOf, rateOf, type Result } from './measured.ts';
import { median } from './percentiles.ts';
import type { Memory } from './processes.ts';

/** The table: medians, and ratios against the first row. */
export function table(results: readonly Result[]): string {
  const [first] = results;
  const lines = [
    ['', 'msg/s', 'ratio', 'CPU µs/msg', 'ratio', 'flushes/msg', 'accepted/s', 'min–max msg/s'],
  ];
  for (const { name, rounds } of results) {
    const rates = rounds.map(rateOf);
    const speed = median(rates);
    const cpu = medianOf(rounds, cpuSum);
    const base = first?.rounds ?? rounds;
    lines.push([
      name,
      speed.toFixed(0),
      `${(speed / medianOf(base, rateOf)).toFixed(2)}×`,
      cpu.toFixed(0),
      `${(medianOf(base, cpuSum) / cpu).toFixed(2)}×`,
      medianOf(rounds, (one) => one.flushes).toFixed(2),
      medianOf(rounds, (one) => one.messages / one.accepted).toFixed(0),
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
        const value = medianOf(rounds, (one) => one.cpu[part] ?? 0);
        return `${part} ${value.toFixed(0)}`;
      });
      return `${name}: ${parts.join(', ')}`;
    })
    .join('\n');
}

const octetsPerMiB = 1024 ** 2;

/** The highest memory of each part in any round. */
export function memoryTable(results: readonly Result[]): string {
  return results
    .map(({ name, rounds }) => {
      const parts = Object.keys(rounds[0]?.memory ?? {}).map((part) => {
        const { processes, largest, all } = peakOf(rounds, part);
        const sum =
          processes > 1 ? ` (${String(processes)}: ${(all / octetsPerMiB).toFixed(0)})` : '';
        return `${part} ${(largest / octetsPerMiB).toFixed(0)}${sum}`;
      });
      return `${name}: ${parts.join(', ')}`;
    })
    .join('\n');
}

const none: Memory = { processes: 0, largest: 0, all: 0 };

const peakOf = (rounds: Result['rounds'], part: string): Memory =>
  rounds
    .map(({ memory }) => memory[part] ?? none)
    .reduce((most, one) => (one.largest > most.largest ? one : most), none);

export function aligned(lines: readonly (readonly string[])[]): string {
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
