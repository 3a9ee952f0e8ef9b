import { submit } from './load.ts';
import { flushes } from './processes.ts';
import type { Profile } from './profiles.ts';
import type { Sink } from './sink.ts';
import type { Row } from './system.ts';

/** One round of one row. */
export interface Measured {
  readonly messages: number;
  /** From the first submission until the last 250, and until the sink has all. Seconds. */
  readonly accepted: number;
  readonly arrived: number;
  /** Microseconds of CPU per message, by part of the system. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Disk flushes per message, of the whole machine. */
  readonly flushes: number;
  /** Duplicates. */
  readonly duplicates: number;
}

export async function measure(row: Row, profile: Profile, sink: Sink): Promise<Measured> {
  const { system, from } = row;
  const { messages } = profile;
  const before = { received: sink.received(), cpu: system.cpu(), flushes: flushes() };
  const began = performance.now();
  const since = () => (performance.now() - began) / 1_000;
  const allArrived = sink.reaches(before.received + messages).then(since);
  const [accepted, arrived] = await Promise.all([
    submit(profile, { port: system.port, from }).then(since),
    allArrived,
  ]);
  const flushed = flushes() - before.flushes;
  await system.settle();
  const after = system.cpu();
  return {
    messages,
    accepted,
    arrived,
    cpu: Object.fromEntries(
      Object.entries(after).map(([part, cpu]) => [
        part,
        (cpu - (before.cpu[part] ?? 0)) / messages,
      ]),
    ),
    flushes: flushed / messages,
    duplicates: sink.received() - before.received - messages,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
    sorted[middle],
  ];
  return (low + high) / 2;
}
