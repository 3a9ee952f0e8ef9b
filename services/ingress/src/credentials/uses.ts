import { internalApis, useReportLimit } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';

/** When credentials were last used, for identity. */
export interface Uses {
  record(credential: string): void;
  /** Sends the newest use of each credential since the last report. Never rejects. */
  report(): Promise<void>;
}

/** In memory: uses that a crash loses are harmless. */
export function createUses(deps: {
  readonly identity: ServiceClient;
  readonly clock: { now(): number };
  readonly log: Logger;
}): Uses {
  const { identity, clock, log } = deps;
  const newest = new Map<string, number>();

  return {
    record: (credential) => void newest.set(credential, clock.now()),
    async report() {
      const batch = [...newest].slice(0, useReportLimit);
      if (batch.length === 0) return;
      const uses = batch.map(([id, at]) => ({ kind: 'credential', id, at }) as const);
      try {
        await identity.call(internalApis.reportUse, { uses });
      } catch (error) {
        log.info('uses.not_reported', { error, count: batch.length });
        return;
      }
      for (const [id, at] of batch) if (newest.get(id) === at) newest.delete(id);
    },
  };
}
