import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startServers } from '@mysmtp/local-stack';
import { interrupted } from '../interrupt.ts';

const program = path.resolve(
  import.meta.dirname,
  '../../../services/logging/test/bench/usage-log.ts',
);

/** Pages and an export of a usage log with this many rows of a day. Returns the results as lines. */
export async function benchUsageLog(
  dir: string,
  rows: number,
  say: (line: string) => void,
): Promise<string> {
  const servers = await startServers({ dir, progress: say, signal: interrupted });
  try {
    const url = new URL(servers.mongodb.plan.adminUrl);
    url.pathname = '/usage_log_bench';
    // A process of its own, so that its memory is that of the code of the service.
    const child = spawn(
      process.execPath,
      ['--conditions=mysmtp-source', program, url.href, String(rows)],
      { stdio: ['ignore', 'pipe', 'inherit'], signal: interrupted },
    );
    const results: string[] = [];
    createInterface(child.stdout).on('line', (line) => {
      say(line);
      results.push(line);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`The benchmark ended with ${String(code)}`);
    return results.join('\n');
  } finally {
    await servers.stop();
  }
}
