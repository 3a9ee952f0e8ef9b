import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundlePrograms } from './bundled-programs.ts';
import { sharedSetup } from './shared-setup.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the services' programs as bundles; without it their sources run. */
    bundles: string | undefined;
  }
}

/** Vitest's global setup: bundles of the services' programs, made for each run. */
export const setup = sharedSetup('bundles', async () => {
  // A kept log must name the sources.
  if (process.env['MYSMTP_KEEP'] !== undefined) {
    return { provided: { bundles: undefined }, stop: async () => undefined };
  }
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-programs-'));
  await bundlePrograms(dir);
  return {
    provided: { bundles: dir },
    stop: () => rm(dir, { recursive: true, force: true }),
  };
});
