import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { PublishError, type Control, type Publisher } from '@mysmtp/broker';
import {
  AuthAttempts,
  broadcasts,
  contentOf,
  operatorRealm,
  readContent,
  routingKeys,
} from '@mysmtp/contracts';
import { retry } from '@mysmtp/retry';
import type { ServiceContext } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { Counter } from 'prom-client';
import { createCounts, type Attempt, type Decision } from './counts.ts';

/** Throttles failed authentications, together with all processes of all services. */
export interface AuthThrottle {
  /** Call it before a secret is compared. A refusal counts in a metric, not as a failure. */
  decide(attempt: Attempt): Decision;
  /** `credential`: its id, if the account exists. */
  failed(attempt: Attempt, credential?: string): void;
  succeeded(attempt: Attempt): void;
  /**
   * Counts a requested mail to this address. `seconds`: it must not be sent, and when one
   * more may be.
   */
  countMail(address: string): { readonly seconds?: number };
  /**
   * Counts a sign-up from this IP address. `seconds`: its network has had `most` in a day, the /48 of an IPv6
   * address four times as many, and when one more may follow.
   */
  countSignUp(address: string, most: number): { readonly seconds?: number };
  /** False until this process shares its counts with the others. */
  isShared(): boolean;
}

type Context = Pick<ServiceContext<unknown>, 'name' | 'clock' | 'log' | 'metrics' | 'manage'>;

/** How long failures are gathered before they are broadcast. Milliseconds. */
const gathering = 50;

const delays = { first: 500, longest: 30_000 } as const;

/**
 * Opens the throttle of one process. Names are hashed under a key that is derived from
 * the index key of the operators' realm, so that all processes have the same hashes. Until it is available,
 * the process counts alone, under a random key. Counts are only in memory, and broadcasts in exclusive
 * queues, so nothing is stored.
 */
export function openAuthThrottle(
  context: Context,
  deps: {
    readonly control: Control;
    readonly publisher: Publisher;
    readonly tenants: Pick<Tenants, 'run'>;
    /** Called once when the limit of an account is reached, in every process. */
    readonly onThrottled?: (credential: string) => void;
  },
): AuthThrottle {
  const { name, clock, log, metrics, manage } = context;
  const { control, publisher, tenants, onThrottled } = deps;
  const key = () => tenants.run(operatorRealm, 'read', (scope) => scope.key('index'));
  const process = randomUUID();
  const throttled = new Counter({
    name: 'mysmtp_auth_throttled_total',
    help: 'Attempts to authenticate that were refused or delayed, by what had failed too often: the pair of account and network, the network, or the account.',
    labelNames: ['reason'],
    registers: [metrics],
  });
  for (const reason of ['pair', 'network', 'account']) throttled.inc({ reason }, 0);

  let secret: Buffer = randomBytes(32);
  let shared = false;
  const counts = createCounts({
    hash: (text) => createHmac('sha256', secret).update(text).digest('base64url').slice(0, 22),
    clock,
    onThrottled(credential) {
      log.warn('auth.account_throttled', { credential });
      if (credential !== undefined) onThrottled?.(credential);
    },
  });

  const stopping = new AbortController();
  async function share(): Promise<void> {
    const realm = await retry(async () => key(), { ...delays, signal: stopping.signal });
    secret = createHmac('sha256', realm).update('mysmtp-auth-throttle').digest();
    shared = true;
  }
  const sharing = share().catch((error: unknown) => log.debug('auth.counts_not_shared', { error }));

  const end = control.subscribe({
    bindings: broadcasts.authAttempts,
    handle({ content }) {
      const attempts = readContent(AuthAttempts, content);
      if (attempts !== undefined && attempts.process !== process && shared) counts.add(attempts);
    },
  });

  let timer: NodeJS.Timeout | undefined;
  /** Best effort: without the broker each process counts alone. */
  async function broadcast(): Promise<void> {
    timer = undefined;
    for (let taken = counts.take(); taken !== undefined; taken = counts.take()) {
      if (!shared) continue;
      const content = contentOf(AuthAttempts, { v: 1, process, ...taken });
      try {
        await publisher.publish({
          key: routingKeys.authAttempts(name),
          content,
          persistent: false,
        });
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        log.debug('auth.counts_not_shared', { error });
      }
    }
  }
  function gather(): void {
    timer ??= setTimeout(() => {
      broadcast().catch((error: unknown) => log.error('auth.counts_not_shared', { error }));
    }, gathering).unref();
  }

  manage(counts, async () => {
    stopping.abort();
    clearTimeout(timer);
    await end();
    await sharing;
  });

  return {
    decide(attempt) {
      const decision = counts.decide(attempt);
      if (decision.refused !== undefined) throttled.inc({ reason: decision.refused });
      else if (decision.delay > 0) throttled.inc({ reason: 'account' });
      return decision;
    },
    failed(attempt, credential) {
      counts.failed(attempt, credential);
      gather();
    },
    succeeded(attempt) {
      counts.succeeded(attempt);
      gather();
    },
    countMail(address) {
      const decision = counts.countMail(address);
      gather();
      return decision;
    },
    countSignUp(address, most) {
      const decision = counts.countSignUp(address, most);
      gather();
      return decision;
    },
    isShared: () => shared,
  };
}
