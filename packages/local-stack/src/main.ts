import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from '@mysmtp/command-line';
import { createSteps } from '@mysmtp/tooling';
import { explain } from './explain.ts';
import { followLogs } from './stack/follow-logs.ts';
import { parseOptions, type StackOptions } from './stack/options.ts';
import { startStack } from './stack/stack.ts';
import { summary } from './stack/summary.ts';

const exitCodes = { ok: 0, failed: 1 } as const;

process.exit(await runProgram(parseOptions, main));

async function main(options: StackOptions): Promise<number> {
  const { say: progress, step } = createSteps(process.stderr, startedAt());
  const { stopping, hurry } = listenForSignals();
  let stopped;
  try {
    const stack = await startStack({
      ...options,
      usualPorts: true,
      progress,
      step,
      signal: stopping,
      hurry,
    });
    progress('Everything is ready');
    say(summary(stack.description(), path.resolve(options.dir), stack.standIn));
    const logs = options.dev ? await followLogs(stack.description().logDir, say) : undefined;
    await aborted(stopping);
    await logs?.[Symbol.asyncDispose]();
    say('\nStopping');
    stopped = stack.stop();
    await stopped;
  } catch (error) {
    if (!stopping.aborted || stopped !== undefined) {
      say(explain(error));
      return exitCodes.failed;
    }
  }
  say('Everything has stopped');
  return exitCodes.ok;
}

/**
 * `stopping` aborts with the first signal, `hurry` with a later one. npm and a terminal deliver the same
 * Ctrl-C up to three times within moments, so only a signal after a second counts as the second one.
 */
function listenForSignals(): { stopping: AbortSignal; hurry: AbortSignal } {
  const stopping = new AbortController();
  const hurry = new AbortController();
  const onSignal = async (): Promise<void> => {
    if (!stopping.signal.aborted) {
      stopping.abort();
      await sleep(1_000);
      accepting = true;
    } else if (accepting) hurry.abort();
  };
  let accepting = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void onSignal());
  }
  return { stopping: stopping.signal, hurry: hurry.signal };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The start time of `npm start`: tools/run.js may have installed Node and the workspace since. */
function startedAt(): number {
  return Number(process.env['MYSMTP_STARTED_AT']) || Date.now();
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
