import { cpuSum, medianOf, rateOf, type Result } from './measured.ts';

export interface Comparison {
  readonly date: string;
  readonly machine: readonly string[];
  readonly systems: readonly { readonly product: string; readonly durability: string }[];
  readonly rounds: number;
  readonly sections: readonly {
    readonly title: string;
    readonly profile: { readonly messages: number; readonly sessions: number };
    readonly results: readonly Result[];
  }[];
}

/** KumoMTA is not measured: its figures and its setting are those of its own pages, read on 2026-11-30. */
const kumoMta = `KumoMTA was not measured here. [Its own page](https://docs.kumomta.com/userguide/performance/testing) has for messages of 100 KB, with the sink on another machine: 2.7 million an hour (750/s) on 2 cores with 4 GB, 4.4 million (1,222/s) on 4 with 16 GB, 4.9 million (1,361/s) on 8 with 30 GB, 5.1 million (1,417/s) on 16 with 64 GB. The page does not state its setting \`flush\`. [Its default is \`false\`](https://docs.kumomta.com/reference/kumo/define_spool/flush): a write is not flushed to the disk.`;

/** The table of the README: medians, and ratios against the first row of each section. */
export function markdown({ date, machine, systems, rounds, sections }: Comparison): string {
  const base = sections[0]?.results[0]?.name.split(',')[0] ?? 'the first row';
  const lines = sections.flatMap(({ title, profile, results }) => [
    [`**${title}**, ${count(profile.messages)} messages a round`, '', '', '', '', '', ''],
    ...results.map((result) => cellsOf(result, results[0] ?? result)),
  ]);
  const header = [
    '',
    'messages per second (min–max)',
    `against ${base}`,
    'CPU per message',
    `against ${base}`,
    'flushes per message',
    'memory of the largest process',
  ];
  return [
    ...[header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `${date.slice(0, 10)}; ${machine.join(', ')}. Rounds: ${String(rounds)}, interleaved, of which the table has the medians; the load, the sink and all systems share the cores; ${String(sections[0]?.profile.sessions ?? 0)} sessions.`,
    '',
    'When accepted mail is on the disk:',
    ...systems.map(({ product, durability }) => `- ${product}: ${durability}`),
    '',
    kumoMta,
  ].join('\n');
}

function cellsOf({ name, rounds }: Result, first: Result): string[] {
  const rates = rounds.map(rateOf);
  const speed = medianOf(rounds, rateOf);
  const cpu = medianOf(rounds, cpuSum);
  const largest = Math.max(
    ...rounds.flatMap(({ memory }) => Object.values(memory).map((part) => part.largest)),
  );
  return [
    name,
    `${count(speed)} (${count(Math.min(...rates))}–${count(Math.max(...rates))})`,
    ratio(speed / medianOf(first.rounds, rateOf)),
    `${count(cpu)} µs`,
    less(medianOf(first.rounds, cpuSum) / cpu),
    medianOf(rounds, (one) => one.flushes).toFixed(2),
    `${count(largest / 1024 ** 2)} MiB`,
  ];
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const ratio = (value: number): string => (value === 1 ? '1' : `${value.toFixed(2)}×`);

/** How much less the first is divided by: 2 is half, 0.5 is twice. */
export const less = (value: number): string =>
  value === 1 ? '1' : value > 1 ? `${value.toFixed(1)}× less` : `${(1 / value).toFixed(1)}× more`;
