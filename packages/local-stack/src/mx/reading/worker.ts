import { parentPort, workerData } from 'node:worker_threads';
import { jobs, type Jobs } from './jobs.ts';

const { name, input } = workerData as { readonly name: keyof Jobs; readonly input: never };
// Nothing is transferred: an attachment's bytes may be a view of the whole mail's.
parentPort?.postMessage(await jobs[name](input), []);
