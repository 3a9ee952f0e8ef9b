import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import type { Settings } from '@mysmtp/service';
import { repositoryRoot } from '@mysmtp/tooling';

export type ServiceSettings = Readonly<Record<ServiceName, Settings>>;

/** The settings of each service, from its own source, so that the chart cannot differ from them. */
export async function loadSettings(): Promise<ServiceSettings> {
  const all = serviceNames.map(async (name) => {
    const file = path.join(repositoryRoot, 'services', name, 'src', 'config.ts');
    const { settings } = (await import(pathToFileURL(file).href)) as { settings: Settings };
    return [name, settings] as const;
  });
  return Object.fromEntries(await Promise.all(all)) as ServiceSettings;
}
