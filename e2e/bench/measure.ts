import { submit } from './load.ts';
import { rateOf, type Measured, type Result } from './measured.ts';
import { cpuOf, flushes, peaksOf, resetPeaks } from './processes.ts';
import type { Profile } from './profiles.ts';
import type { Sink } from './sink.ts';
import type { Row, System } from './system.ts';

async function measure(row: Row, profile: Profile, sink: Sink): Promise<Measured> {
  const { system } = row;
  const { messages } = profile;
  for (const pids of Object.values(system.roots())) resetPeaks(pids);
  const before = { received: sink.received(), cpu: byPart(system, cpuOf), flushes: flushes() };
  const began = performance.now();
  const since = () => (performance.now() - began) / 1_000;
  const allArrived = sink.reaches(before.received + messages).then(since);
  const [accepted, arrived] = await Promise.all([
    submit(profile, { ...row, port: system.port }).then(since),
    allArrived,
  ]);
  const flushed = flushes() - before.flushes;
  await system.settle();
  const after = byPart(system, cpuOf);
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
    memory: byPart(system, peaksOf),
    flushes: flushed / messages,
    duplicates: sink.received() - before.received - messages,
  };
}

function byPart<T>(system: System, of: (roots: readonly number[]) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(system.roots()).map(([part, pids]) => [part, of(pids)]));
}

/** A row under one load. */
export interface Run {
  readonly row: Row;
  readonly profile: Profile;
}

/**
 * A round of each run that is not counted (compiled code, open connections, warm caches), then this many
 * rounds of all, interleaved, so that changes of the machine's own speed concern all alike.
 */
export async function measureRounds<R extends Run>(
  runs: readonly R[],
  rounds: number,
  sink: Sink,
  say: (line: string) => void,
): Promise<(R & Result)[]> {
  for (const { row, profile } of runs) await measure(row, profile, sink);
  const results = runs.map((run) => ({ ...run, name: run.row.name, rounds: [] as Measured[] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const result of results) {
      const measured = await measure(result.row, result.profile, sink);
      result.rounds.push(measured);
      say(`round ${String(round)}  ${result.name}: ${rateOf(measured).toFixed(0)} msg/s`);
      if (measured.duplicates > 0) say(`  ${String(measured.duplicates)} arrived more than once`);
    }
  }
  return results;
}
