import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { LRUCache } from 'lru-cache';
import type { CallTokens } from './trust.ts';

/** The audience of a token for calls to this service, as in the projected volume. */
export const audienceOf = (service: ServiceName): string => `mysmtp-${service}`;

/** How long a token is used before its file is read again. The kubelet renews it long before it expires. */
const lifetime = 30_000;

/** ServiceAccount tokens that the kubelet projects into a folder, a file for each service that we call. */
export function serviceAccountTokens(dir: string, clock: { now(): number }): CallTokens {
  const tokens = new LRUCache<ServiceName, string>({
    max: serviceNames.length,
    ttl: lifetime,
    perf: clock,
    ttlResolution: 0,
    // A failed read is not cached: the next call tries again.
    fetchMethod: async (audience) => (await readFile(path.join(dir, audience), 'utf8')).trim(),
  });
  return { tokenFor: (audience) => tokens.forceFetch(audience) };
}
