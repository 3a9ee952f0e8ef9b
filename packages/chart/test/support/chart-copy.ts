import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chartDir } from '@mysmtp/chart';

/** The chart with other alerts and dashboards: those of a folder, or none. */
export async function chartWith(
  content: string | undefined,
): Promise<AsyncDisposable & { readonly dir: string }> {
  const parent = await mkdtemp(path.join(tmpdir(), 'mysmtp-chart-'));
  const dir = path.join(parent, 'mysmtp');
  await cp(chartDir, dir, { recursive: true });
  for (const folder of ['alerts', 'dashboards']) {
    await rm(path.join(dir, folder), { recursive: true, force: true });
    if (content !== undefined) {
      await cp(path.join(content, folder), path.join(dir, folder), { recursive: true });
    }
  }
  return { dir, [Symbol.asyncDispose]: () => rm(parent, { recursive: true }) };
}

export const fixtures = path.join(import.meta.dirname, '..', 'fixtures');
