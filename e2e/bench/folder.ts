import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '@mysmtp/test-kit';

/** The files of one run of the benchmark, and the port of the sink. */
export interface Folder extends AsyncDisposable {
  readonly root: string;
  /** A folder that the sink can write as any user. */
  readonly dump: string;
  readonly sinkPort: number;
}

export async function openFolder(): Promise<Folder> {
  // On a disk, not in memory, because durable systems are compared.
  const root = await mkdtemp('/var/tmp/mysmtp-bench-');
  await chmod(root, 0o755);
  const dump = path.join(root, 'dump');
  await mkdir(dump);
  await chmod(dump, 0o777);
  return {
    root,
    dump,
    sinkPort: await freePort(),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
