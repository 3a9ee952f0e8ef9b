import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { interrupted } from '../interrupt.ts';
import type { Task } from './thread.ts';

/** Submits the messages of a task in a thread of its own. Resolves when all sessions have ended. */
export async function runClient(task: Task): Promise<void> {
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: task });
  const end = () => void thread.terminate();
  interrupted.addEventListener('abort', end);
  try {
    // Rejects with the error of the thread.
    await once(thread, 'exit', { signal: interrupted });
  } finally {
    interrupted.removeEventListener('abort', end);
  }
}
