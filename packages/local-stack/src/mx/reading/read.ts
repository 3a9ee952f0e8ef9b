import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Jobs } from './jobs.ts';

const limits = { time: 10_000, memoryMb: 512 } as const;

/**
 * Runs a job on mails in a thread that may end badly: a mail made to exhaust its reader costs that
 * thread, and neither the MX nor the page. Rejects when it does.
 */
export async function read<Name extends keyof Jobs>(
  name: Name,
  input: Parameters<Jobs[Name]>[0],
): Promise<Awaited<ReturnType<Jobs[Name]>>> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: { name, input },
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
  });
  try {
    const [result] = await once(worker, 'message', { signal: AbortSignal.timeout(limits.time) });
    return result as Awaited<ReturnType<Jobs[Name]>>;
  } finally {
    await worker.terminate();
  }
}
