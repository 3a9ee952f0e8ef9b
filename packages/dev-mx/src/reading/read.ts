import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Jobs } from './jobs.ts';

const limits = { time: 10_000, memoryMb: 512 } as const;

/** The thread that waits for the next job. One is enough for one reader. */
let idle: Worker | undefined;

/**
 * Runs a job on mails in a thread that may crash. A mail that exhausts its reader ends only this thread, not
 * the MX or the page. Rejects in this case.
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
  // The crash of an idle thread is reported to no caller. A crash during a job rejects in `read`.
  worker.on('error', () => {
    if (idle === worker) idle = undefined;
  });
  return worker;
}
