import { expect, test } from 'vitest';
import { latencyTable } from '../latency/report.ts';
import { less, markdown, type Comparison } from '../markdown.ts';
import type { Measured } from '../measured.ts';
import { cpuTable, memoryTable, table } from '../report.ts';
import { stageTable } from '../stages/report.ts';

const MiB = 1024 ** 2;

const round = (
  arrived: number,
  cpu: Measured['cpu'],
  memory: Measured['memory'] = {},
): Measured => ({
  messages: 1_000,
  accepted: arrived / 2,
  arrived,
  cpu,
  memory,
  flushes: 0.5,
  duplicates: 0,
});
const ofPostfix = { postfix: { processes: 100, largest: 9 * MiB, all: 500 * MiB } };
const ofOurs = {
  ingress: { processes: 1, largest: 180 * MiB, all: 180 * MiB },
  rabbitmq: { processes: 2, largest: 200 * MiB, all: 210 * MiB },
};

const postfix = {
  name: 'Postfix, unsigned',
  rounds: [
    round(2, { postfix: 3_000 }, ofPostfix),
    // One slow round changes no median.
    round(20, { postfix: 9_000 }, ofPostfix),
    round(2, { postfix: 3_000 }, ofPostfix),
  ],
};
const ours = {
  name: 'mySMTP, the customer signs',
  rounds: [
    round(0.5, { ingress: 500, rabbitmq: 250 }, ofOurs),
    round(0.5, { ingress: 500, rabbitmq: 250 }, ofOurs),
    round(1, { ingress: 600, rabbitmq: 300 }, ofOurs),
  ],
};

const comparison: Comparison = {
  date: '2026-11-30T12:00:00.000Z',
  machine: ['2 cores of a CPU', 'ext4 on /dev/disk'],
  systems: [
    { product: 'Postfix 3.7', durability: 'fsync of its queue file before each 250' },
    { product: 'mySMTP', durability: '250 after the confirm' },
  ],
  rounds: 3,
  sections: [
    {
      title: '10 KB',
      profile: { messages: 1_000, sessions: 50 },
      results: [postfix, ours],
    },
    {
      title: '1 KB',
      profile: { messages: 1_000, sessions: 50 },
      results: [ours, postfix],
    },
  ],
};

test('the table has medians, and ratios against the first row of its section', () => {
  const lines = markdown(comparison).split('\n');
  expect(lines[0]).toBe(
    '|  | messages per second (min–max) | against Postfix | CPU per message | against Postfix | flushes per message | memory of the largest process |',
  );
  expect(lines.slice(2, 8)).toEqual([
    '| **10 KB**, 1,000 messages a round |  |  |  |  |  |  |',
    '| Postfix, unsigned | 500 (50–500) | 1 | 3,000 µs | 1 | 0.50 | 9 MiB |',
    '| mySMTP, the customer signs | 2,000 (1,000–2,000) | 4.00× | 750 µs | 4.0× less | 0.50 | 200 MiB |',
    '| **1 KB**, 1,000 messages a round |  |  |  |  |  |  |',
    '| mySMTP, the customer signs | 2,000 (1,000–2,000) | 1 | 750 µs | 1 | 0.50 | 200 MiB |',
    '| Postfix, unsigned | 500 (50–500) | 0.25× | 3,000 µs | 4.0× more | 0.50 | 9 MiB |',
  ]);
});

test('the table states date, machine, rounds and when mail is on the disk', () => {
  const text = markdown(comparison);
  expect(text).toContain(
    '2026-11-30; 2 cores of a CPU, ext4 on /dev/disk. Rounds: 3, interleaved,',
  );
  expect(text).toContain('- Postfix 3.7: fsync of its queue file before each 250\n- mySMTP: 250');
});

test('every line of the table has as many cells as its header', () => {
  const rows = markdown(comparison)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect(new Set(rows.map((line) => line.split('|').length))).toEqual(new Set([9]));
});

test.each([
  [1, '1'],
  [2.52, '2.5× less'],
  [0.5, '2.0× more'],
])('a ratio of cost of %s reads %s', (value, text) => {
  expect(less(value)).toBe(text);
});

test('the table of a terminal is aligned', () => {
  const [header, first, second] = table([postfix, ours]).split('\n');
  expect(first).toMatch(/^Postfix, unsigned +500 +1\.00× +3000 +1\.00× +0\.50 +1000 +50–500$/);
  expect(second).toMatch(/^mySMTP, the customer signs +2000 +4\.00× +750 +4\.00×/);
  expect(new Set([header?.length, first?.length, second?.length]).size).toBe(1);
});

test('CPU and memory are shown by part, memory with the sum of several processes', () => {
  expect(cpuTable([ours])).toBe('mySMTP, the customer signs: ingress 500, rabbitmq 250');
  expect(memoryTable([postfix, ours])).toBe(
    'Postfix, unsigned: postfix 9 (100: 500)\nmySMTP, the customer signs: ingress 180, rabbitmq 200 (2: 210)',
  );
});

test('latencies: a row of each load', () => {
  const latencies = { reply: [1, 2, 3], sinceDue: [1.5, 2.5, 3.5], remote: [4, 5, 6.04] };
  const lines = latencyTable([{ name: 'Postfix', load: 0.2, rate: 100.4, latencies }]).split('\n');
  expect(lines[2]).toBe(
    '| Postfix, 20 % | 100 | 1.0 / 2.0 / 3.0 | 1.5 / 2.5 / 3.5 | 4.0 / 5.0 / 6.0 |',
  );
});

test('stages: medians without the first round', () => {
  const of = (stage: string, seconds: number, cpu: number) => ({
    stage,
    messages: 1_000,
    seconds,
    cpu,
  });
  const text = stageTable([
    of('seal', 9, 900),
    of('client', 9, 900),
    of('seal', 1, 10),
    of('client', 2, 20),
    of('seal', 1, 12),
    of('client', 2, 20),
  ]);
  expect(text.split('\n').slice(1)).toEqual([
    expect.stringMatching(/^seal +1000 +11\.0$/),
    expect.stringMatching(/^client +500 +20\.0$/),
  ]);
});
