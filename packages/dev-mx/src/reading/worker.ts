import { parentPort } from 'node:worker_threads';
import { jobs, type Jobs } from './jobs.ts';

interface Order {
  readonly name: keyof Jobs;
  readonly input: never;
}

// A failed job ends the thread: `read` starts another one for the next job.
parentPort?.on('message', ({ name, input }: Order) => void run(name, input));

async function run(name: keyof Jobs, input: never): Promise<void> {
  // Nothing is transferred, because an attachment's bytes may be a view of the whole mail.
  parentPort?.postMessage(await jobs[name](input), []);
}
