import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ServiceName } from '@mysmtp/contracts';
import type { CallTokens } from './trust.ts';

/** What a token for calls to this service is made out to: the audience of a projected volume. */
export const audienceOf = (service: ServiceName): string => `mysmtp-${service}`;

/** How long a token is used before its file is read again; the kubelet renews it long before it ends. */
const lifetime = 30_000;

/** ServiceAccount tokens that the kubelet projects into a folder, a file for each service that we call. */
export function projectedTokens(dir: string, clock: { now(): number }): CallTokens {
  const cache = new Map<ServiceName, { token: Promise<string>; until: number }>();
  return {
    tokenFor(audience) {
      const cached = cache.get(audience);
      if (cached !== undefined && cached.until > clock.now()) return cached.token;
      const token = readFile(path.join(dir, audience), 'utf8').then((text) => text.trim());
      cache.set(audience, { token, until: clock.now() + lifetime });
      // The next call tries again.
      token.catch(() => cache.delete(audience));
      return token;
    },
  };
}
