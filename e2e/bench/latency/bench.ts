import { createMoments } from '../client/moments.ts';
import { runClient } from '../client/run.ts';
import type { Folder } from '../folder.ts';
import { describeMachine } from '../hardware.ts';
import { measureRounds } from '../measure.ts';
import { medianOf, rateOf } from '../measured.ts';
import type { Options } from '../options.ts';
import { profiles } from '../profiles.ts';
import { startRows, rowNames } from '../rows.ts';
import { startSink } from '../sink.ts';
import type { Row } from '../system.ts';
import { startTimedSink } from '../timed-sink/sink.ts';
import { latenciesOf, medianLatencies, type Latencies } from './distribution.ts';
import { latencyTable } from './report.ts';

/** Of the capacity. */
const loads = [0.2, 0.5, 0.8] as const;
/** The longest time of one load of one row. Seconds. */
const longest = 20;
const recipient = 'someone@example.net';

/** A row at a share of its capacity, and its latencies in each round. */
interface Cell {
  readonly row: Row;
  readonly load: number;
  /** Messages per second. */
  readonly rate: number;
  readonly rounds: Latencies[];
}

/** First the capacity of each row, then its latencies at shares of it. Returns a table in Markdown. */
export async function benchLatency(
  dir: Folder,
  { profile, only, cpuProfile }: Options,
  running: AsyncDisposableStack,
  say: (line: string) => void,
): Promise<string> {
  const { messages, octets, sessions, rounds } = profile;
  const started = await startRows(rowNames, dir, running, { only, sessions, cpuProfile, say });
  const capacity = await capacities(Object.values(started), dir, { ...profile, rounds: 1 }, say);
  const cells = capacity.flatMap(({ row, rate }) =>
    loads.map((load): Cell => ({ row, load, rate: rate * load, rounds: [] })),
  );

  const moments = createMoments(messages);
  const sink = await startTimedSink(dir.sinkPort, { moments });
  running.defer(() => sink.stop());
  for (let round = 1; round <= rounds; round += 1) {
    for (const { row, load, rate, rounds: measured } of cells) {
      const count = Math.min(messages, Math.ceil(rate * longest));
      moments.arrival.fill(0);
      const before = sink.received();
      const { from, account, system } = row;
      const submitter = { port: system.port, from, to: recipient, account };
      await runClient({ submitter, messages: count, octets, sessions, rate, moments });
      await sink.reaches(before + count);
      await system.settle();
      const latencies = latenciesOf(moments, count);
      measured.push(latencies);
      const [p50, p95, p99] = latencies.reply.map((value) => value.toFixed(1));
      say(
        `round ${String(round)}  ${row.name} at ${String(load * 100)} %: 250 after ${String(p50)}, ${String(p95)}, ${String(p99)} ms`,
      );
    }
  }
  const machine = await describeMachine(dir.root);
  const products = [...new Set(cells.map(({ row }) => row.system.product))];
  return [
    latencyTable(
      cells.map(({ row, load, rate, rounds: all }) => ({
        name: row.name,
        load,
        rate,
        latencies: medianLatencies(all),
      })),
    ),
    '',
    `${new Date().toISOString().slice(0, 10)}; ${[...machine, ...products].join(', ')}. Rounds: ${String(rounds)}, of which the table has the medians.`,
  ].join('\n');
}

/** Messages per second of each row under the load of the profile 10k. */
async function capacities(
  rows: readonly Row[],
  dir: Folder,
  { messages, rounds }: { messages: number; rounds: number },
  say: (line: string) => void,
): Promise<{ row: Row; rate: number }[]> {
  const sink = await startSink(dir.sinkPort);
  try {
    const runs = rows.map((row) => ({ row, profile: { ...profiles['10k'], messages } }));
    const results = await measureRounds(runs, rounds, sink, say);
    return results.map(({ row, rounds: all }) => ({ row, rate: medianOf(all, rateOf) }));
  } finally {
    await sink.stop();
  }
}
