import path from 'node:path';
import { runProgram } from '@mysmtp/command-line';
import { benchAudit } from './audit/bench.ts';
import { compare, isComparison } from './compare.ts';
import { benchErasure } from './erasure/bench.ts';
import { openFolder } from './folder.ts';
import { interrupted } from './interrupt.ts';
import { parseOptions, type Options } from './options.ts';
import { benchBacklog } from './growth/backlog.ts';
import { benchProcesses } from './growth/processes.ts';
import { benchLatency } from './latency/bench.ts';
import { benchStages } from './stages/bench.ts';
import { installPostfix } from './postfix/instance.ts';
import { benchUsageLog } from './usage-log/bench.ts';

const running = new AsyncDisposableStack();

process.exitCode = await runProgram(parseOptions, main);

async function main(options: Options): Promise<number> {
  try {
    process.stdout.write(`\n${await resultOf(options)}\n`);
    return 0;
  } catch (error) {
    // If the user stopped it, no message is needed.
    if (!interrupted.aborted) throw error;
    return 130;
  } finally {
    await running.disposeAsync();
  }
}

async function resultOf(options: Options): Promise<string> {
  const { name, profile } = options;
  if (isComparison(name)) return compare(name, options, running, say);
  const dir = running.use(await openFolder());
  if (name === 'audit') return benchAudit(path.join(dir.root, 'mysmtp'), profile.messages, say);
  if (name === 'usage-log')
    return benchUsageLog(path.join(dir.root, 'servers'), profile.messages, say);
  await installPostfix();
  if (name === 'erasure' || name === 'person') {
    return benchErasure(name === 'person' ? 'person' : 'tenant', dir, profile, say);
  }
  if (name === 'latency') return benchLatency(dir, options, running, say);
  if (name === 'backlog') return benchBacklog(dir, options, running, say);
  if (name === 'processes') return benchProcesses(dir, options, running, say);
  return benchStages(dir, options, say);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
