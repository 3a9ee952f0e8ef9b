import { readdirSync, watch } from 'node:fs';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { repositoryRoot } from '@mysmtp/tooling';
import type { Supervised } from '../processes/supervisor.ts';

/** Packages that no service uses. */
const notOfServices = ['dev-mx', 'local-stack', 'test-kit', 'tooling'];

/** An editor writes a file in several steps, and a checkout many files. */
const quiet = 300;

/** Restarts a service if its sources change, and all services if a shared package does. */
export function restartOnChange(
  find: (service: ServiceName) => Supervised | undefined,
  progress: (line: string) => void,
): Disposable {
  const changed = new Set<ServiceName>();
  let timer: NodeJS.Timeout | undefined;

  async function restart(service: ServiceName): Promise<void> {
    const process = find(service);
    if (process === undefined) return;
    await process.stop();
    process.start();
    await process.ready();
    progress(`${service} restarted with its changed sources`);
  }

  function restartChanged(): void {
    for (const service of changed) {
      restart(service).catch((error: unknown) =>
        progress(error instanceof Error ? error.message : String(error)),
      );
    }
    changed.clear();
  }

  function onChange(services: readonly ServiceName[]): void {
    for (const service of services) changed.add(service);
    clearTimeout(timer);
    timer = setTimeout(restartChanged, quiet);
  }

  const watchSources = (folder: string, services: readonly ServiceName[]) =>
    watch(path.join(repositoryRoot, folder, 'src'), { recursive: true }, () => onChange(services));
  const packages = readdirSync(path.join(repositoryRoot, 'packages')).filter(
    (name) => !notOfServices.includes(name),
  );
  const watchers = [
    ...serviceNames.map((name) => watchSources(path.join('services', name), [name])),
    ...packages.map((name) => watchSources(path.join('packages', name), serviceNames)),
  ];
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
