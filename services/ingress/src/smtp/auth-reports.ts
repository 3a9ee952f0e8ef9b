import type { SecurityLog } from '@mysmtp/security-log';
import { LRUCache } from 'lru-cache';
import type { Sender } from '../credentials/sender.ts';

/** AUTH commands for the audit chain. None of them waits for it. */
export interface AuthReports {
  /**
   * A client that authenticates again and again is reported once a minute, unless an attempt with its
   * credential has failed in between.
   */
  succeeded(address: string, sender: Pick<Sender, 'tenant' | 'credential'>): void;
  /** `tenant` and `credential` are set if there is such a credential. */
  failed(
    address: string,
    about: {
      readonly username: string;
      readonly credential?: string | undefined;
      readonly tenant?: string | undefined;
    },
  ): void;
  /** Nothing was compared, because too much has failed. Reported once a minute for each address. */
  throttled(address: string, reason: string): void;
}

const minute = { ttl: 60_000, max: 50_000 } as const;

export function createAuthReports(log: Pick<SecurityLog, 'note'>): AuthReports {
  const known = new LRUCache<string, string>(minute);
  const throttled = new LRUCache<string, true>(minute);

  return {
    succeeded(address, { tenant, credential }) {
      if (known.get(credential) === address) return;
      known.set(credential, address);
      const actor = { kind: 'credential', id: credential } as const;
      log.note({ type: 'auth', tenant, actor, outcome: 'ok', address });
    },
    failed(address, { username, credential, tenant = null }) {
      if (credential !== undefined) known.delete(credential);
      log.note({
        type: 'auth',
        tenant,
        actor:
          credential === undefined
            ? { kind: 'unknown', id: null }
            : { kind: 'credential', id: credential },
        outcome: 'refused',
        address,
        ...(credential === undefined && { account: `smtp ${username}` }),
      });
    },
    throttled(address, reason) {
      if (throttled.has(address)) return;
      throttled.set(address, true);
      const actor = { kind: 'unknown', id: null } as const;
      const outcome = 'refused';
      log.note({ type: 'sign_in_throttled', tenant: null, actor, outcome, reason, address });
    },
  };
}
