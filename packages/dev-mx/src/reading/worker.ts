import { parentPort } from 'node:worker_threads';
import { jobs, type Jobs } from './jobs.ts';

interface Order {
  readonly name: keyof Jobs;
  readonly input: never;
}

// A job that fails ends the thread: `read` starts another for the next one.
parentPort?.on('message', ({ name, input }: Order) => void run(name, input));

async function run(name: keyof Jobs, input: never): Promise<void> {
  // Nothing is transferred: an attachment's bytes may be a view of the whole mail's.
  parentPort?.postMessage(await jobs[name](input), []);
}
