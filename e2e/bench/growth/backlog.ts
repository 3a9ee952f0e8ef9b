import { setTimeout as sleep } from 'node:timers/promises';
import type { Folder } from '../folder.ts';
import { interrupted } from '../interrupt.ts';
import { submit } from '../load.ts';
import { measureRounds } from '../measure.ts';
import { startMySmtp, type MySmtp } from '../mysmtp.ts';
import type { Options } from '../options.ts';
import { cpuTable, memoryTable, table } from '../report.ts';
import { startSink } from '../sink.ts';
import { startTimedSink } from '../timed-sink/sink.ts';

/** The deferred messages are not due again before the end of the benchmark. */
const env = { delivery: { RETRY_FIRST: '4h' } } as const;
const recipient = 'later@example.net';

/** Two stacks in turn: one with an empty deferred queue, and one with many messages in it. */
export async function benchBacklog(
  dir: Folder,
  { profile, backlog, cpuProfile }: Options,
  running: AsyncDisposableStack,
  say: (line: string) => void,
): Promise<string> {
  const start = async (name: string): Promise<MySmtp> => {
    const system = await startMySmtp(dir, { progress: say, name, env, cpuProfile });
    running.defer(() => system.stop());
    return system;
  };
  const empty = await start('empty');
  const full = await start('full');
  await fill(full, dir, backlog, say);

  const sink = await startSink(dir.sinkPort);
  running.defer(() => sink.stop());
  const rows = [
    { name: 'an empty deferred queue', system: empty, from: empty.senders.customer },
    { name: `${String(backlog)} deferred messages`, system: full, from: full.senders.customer },
  ];
  const runs = rows.map((row) => ({ row, profile }));
  const results = await measureRounds(runs, profile.rounds, sink, say);
  const left = await deferredMessages(full);
  return [
    `${table(results)}\n`,
    `CPU µs per message\n${cpuTable(results)}\n`,
    `Peak memory, MiB\n${memoryTable(results)}\n`,
    `${String(left)} messages were deferred at the end.`,
  ].join('\n');
}

/** Submits mail that the sink defers. Resolves when all of it is in the deferred queue after one attempt. */
async function fill(
  system: MySmtp,
  { sinkPort }: Folder,
  backlog: number,
  say: (line: string) => void,
): Promise<void> {
  const sink = await startTimedSink(sinkPort, { deferred: recipient });
  try {
    const load = { messages: backlog, octets: 1_024, sessions: 50, reuse: true, rounds: 1 };
    const mail = { port: system.port, from: system.senders.customer, to: recipient };
    const submitted = submit(load, mail);
    const [, deferred] = await Promise.all([submitted, filled(system, sink, backlog, say)]);
    say(`${String(deferred)} messages are deferred`);
  } finally {
    await sink.stop();
  }
}

async function filled(
  system: MySmtp,
  sink: { deferred(): number },
  backlog: number,
  say: (line: string) => void,
): Promise<number> {
  for (let waiting = 0; ;) {
    await sleep(5_000, undefined, { signal: interrupted });
    const now = await deferredMessages(system);
    if (sink.deferred() >= backlog && now >= backlog) return now;
    if (now !== waiting) say(`${String(now)} of ${String(backlog)} messages are deferred`);
    waiting = now;
  }
}

/** Of all processes together, as delivery measures it from time to time. */
async function deferredMessages({ stack }: MySmtp): Promise<number> {
  const { operations } = stack.description();
  const metrics = await (await fetch(`${operations.delivery}/metrics`)).text();
  const states = [...metrics.matchAll(/^mysmtp_deferred_messages\{[^}]*\} (\d+)/gm)];
  return states.reduce((sum, [, count]) => sum + Number(count), 0);
}
