import { readFile } from 'node:fs/promises';
import {
  publishedKey,
  serviceKeysIn,
  type PublishedKeySet,
  type ServiceName,
  type StoredKey,
} from '@mysmtp/contracts';

/**
 * The public keys of this service's receipts: its signing key, then its former keys from the file of all
 * services' keys.
 */
export async function readOwnKeys({
  name,
  config: { serviceKeyFile, serviceJwksFile },
}: {
  readonly name: ServiceName;
  readonly config: { readonly serviceKeyFile: string; readonly serviceJwksFile: string };
}): Promise<PublishedKeySet> {
  const own = JSON.parse(await readFile(serviceKeyFile, 'utf8')) as StoredKey;
  const { keys } = JSON.parse(await readFile(serviceJwksFile, 'utf8')) as {
    readonly keys: readonly StoredKey[];
  };
  const current = publishedKey({ ...own, kid: name }, name);
  const former = serviceKeysIn(keys).filter(({ service, x }) => service === name && x !== own.x);
  return { keys: [current, ...former] };
}
