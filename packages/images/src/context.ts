import { mkdir, mkdtemp, readdir, rm, chmod, lutimes, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceName } from '@mysmtp/contracts';
import { ImageFailure } from './run.ts';
import { layRuntime } from './runtime/runtime.ts';
import { bundle } from './service/bundle.ts';
import { compile } from './service/compile.ts';
import { stage } from './service/stage.ts';

interface ContextOptions {
  readonly services: readonly ServiceName[];
  /** Adds `runtime` too: the replacement of a base image. */
  readonly runtime: boolean;
  readonly epoch: number;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Writes the input of the Containerfile into `dir`: `services/NAME`, and `runtime`. */
export async function layContext(dir: string, options: ContextOptions): Promise<void> {
  const { services, progress, signal } = options;
  await mkdir(path.join(dir, 'services'), { recursive: true });
  await inScratch(async (compiled) => {
    progress(`Compiling ${services.join(', ')}`);
    await compile(services, compiled, signal);
    await bundle(compiled);
    for (const service of services) {
      progress(`Laying the production dependencies of ${service}`);
      const into = path.join(dir, 'services', service);
      await inScratch((scratch) => stage(service, { compiled, scratch, into, signal }));
    }
  });
  if (options.runtime) {
    progress(`Laying Node ${process.version} and what it links to, from Debian’s packages`);
    await inScratch((scratch) => layRuntime(path.join(dir, 'runtime'), scratch, signal));
  }
  await normalise(dir, options.epoch);
}

/** Refuses a folder with content, which would become part of the images. */
export async function refuseFull(dir: string): Promise<void> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0) throw new ImageFailure(`--context: ${dir} is not empty`);
}

async function inScratch(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-images-'));
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * Readable for all, writable for the owner, and all with one time. So neither the umask nor the time of the
 * build changes an image.
 */
async function normalise(folder: string, epoch: number): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of [...files, folder]) {
    const { mode } = await stat(file);
    await chmod(file, (mode & 0o100) === 0 ? 0o644 : 0o755);
    await lutimes(file, epoch, epoch);
  }
}
