import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '@mysmtp/tooling';

/** Every metric of ours that the sources of services and packages register, by its name. */
export async function registeredMetrics(): Promise<string[]> {
  const names = new Set<string>();
  const sources = glob(['services/*/src/**/*.ts', 'packages/*/src/**/*.ts'], {
    cwd: repositoryRoot,
  });
  for await (const file of sources) {
    if (file.startsWith('packages/monitoring/')) continue;
    const text = await readFile(path.join(repositoryRoot, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/'(mysmtp_[a-z_]*[a-z])'/g)) names.add(name);
  }
  return [...names].toSorted();
}
