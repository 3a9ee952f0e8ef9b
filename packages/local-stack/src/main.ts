import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from './processes/supervisor.ts';
import { LockedError } from './stack/lock.ts';
import { parseOptions, usage, UsageError } from './stack/options.ts';
import { startStack, type Stack } from './stack/stack.ts';
import { summary } from './stack/summary.ts';

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  let options;
  try {
    options = parseOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`${error.message}\n\n${usage}`);
    return exitCodes.usage;
  }
  if (options === undefined) {
    say(usage);
    return exitCodes.ok;
  }

  const began = Date.now();
  const stopSignal = firstSignal();
  const progress = (line: string) =>
    say(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  let stack: Stack;
  try {
    stack = await startStack({ ...options, progress });
  } catch (error) {
    explain(error);
    return exitCodes.failed;
  }
  say(summary(stack.facts(), path.resolve(options.dir), stack.standIn));
  await stopSignal;
  say('\nStopping');
  await stack.stop();
  say('Everything has stopped');
  return exitCodes.ok;
}

/** Resolves with the first SIGINT, SIGTERM or SIGHUP; later ones change nothing, stopping is under way. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve());
    }
  });
}

/** Says what could not be started, with the last words of its log. */
function explain(error: unknown): void {
  say(error instanceof Error ? error.message : String(error));
  if (error instanceof StartError) {
    say(`The last lines of ${error.logFile}:\n${lastLines(error.logFile)}`);
  } else if (!(error instanceof LockedError) && error instanceof Error) {
    say(error.stack ?? '');
  }
}

function lastLines(file: string): string {
  const log = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return log.trimEnd().split('\n').slice(-10).join('\n');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
