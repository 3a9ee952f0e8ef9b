import type { Folder } from '../folder.ts';
import { measureRounds } from '../measure.ts';
import type { Result } from '../measured.ts';
import { startMySmtp } from '../mysmtp.ts';
import type { Options } from '../options.ts';
import { cpuTable, memoryTable, table } from '../report.ts';
import { startTimedSink } from '../timed-sink/sink.ts';

const mostProcesses = 4;
/** Milliseconds before each reply of the sink. */
const latency = 200;
/** Of each process, because all mail goes to one site: with the default of 20 the connections are the limit. */
const siteConnections = 100;

/** One more process of delivery in each step, with a sink that is far away. */
export async function benchProcesses(
  dir: Folder,
  { profile, cpuProfile }: Options,
  running: AsyncDisposableStack,
  say: (line: string) => void,
): Promise<string> {
  const env = { delivery: { SITE_CONNECTIONS: String(siteConnections) } };
  const system = await startMySmtp(dir, { progress: say, env, cpuProfile });
  running.defer(() => system.stop());
  const sink = await startTimedSink(dir.sinkPort, { latency });
  running.defer(() => sink.stop());

  const results: Result[] = [];
  const others: number[] = [];
  const roots = () => {
    const first = system.roots();
    return { ...first, delivery: [...(first['delivery'] ?? []), ...others] };
  };
  for (let processes = 1; processes <= mostProcesses; processes += 1) {
    if (processes > 1) {
      const { process } = await system.stack.another('delivery');
      others.push(process.pid() ?? 0);
    }
    const name = `${String(processes)} ${processes === 1 ? 'process' : 'processes'} of delivery`;
    const row = { name, system: { ...system, roots }, from: system.senders.customer };
    results.push(...(await measureRounds([{ row, profile }], profile.rounds, sink, say)));
  }
  return [
    `The sink replies after ${String(latency)} ms; ${String(siteConnections)} connections for each process\n`,
    `${table(results)}\n`,
    `CPU µs per message\n${cpuTable(results)}\n`,
    `Peak memory, MiB (largest process; sum if there are several)\n${memoryTable(results)}`,
  ].join('\n');
}
