import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Jobs } from './jobs.ts';

const limits = { time: 10_000, memoryMb: 512 } as const;

/** The thread that waits for the next job: one is enough for one reader. */
let idle: Worker | undefined;

/**
 * Runs a job on mails in a thread that may end badly: a mail made to exhaust its reader costs that
 * thread, and neither the MX nor the page. Rejects when it does.
 */
export async function read<Name extends keyof Jobs>(
  name: Name,
  input: Parameters<Jobs[Name]>[0],
): Promise<Awaited<ReturnType<Jobs[Name]>>> {
  const worker = idle ?? startWorker();
  idle = undefined;
  try {
    worker.postMessage({ name, input }, []);
    const [result] = await once(worker, 'message', { signal: AbortSignal.timeout(limits.time) });
    if (idle === undefined) idle = worker;
    else await worker.terminate();
    return result as Awaited<ReturnType<Jobs[Name]>>;
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function startWorker(): Worker {
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
  });
  worker.unref();
  // One that dies while it waits is told to nobody; whoever waits for it hears of it in `read`.
  worker.on('error', () => {
    if (idle === worker) idle = undefined;
  });
  return worker;
}
