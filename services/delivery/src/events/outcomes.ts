import type { Publisher } from '@mysmtp/broker';
import { contentOf, CredentialOutcomes, routingKeys, type Status } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';

/** Tells ingress how much of the mail of each credential was delivered and how much bounced. */
export interface Outcomes {
  /** Counts a final recipient. Only changes a number. */
  count(tenant: string, credential: string, status: Status): void;
  /** Publishes the rest. */
  close(): Promise<void>;
}

interface Counted {
  readonly tenant: string;
  delivered: number;
  bounced: number;
}

const period = 1_000;

/**
 * One broadcast a second, if there is anything to tell. Best effort: counts that could not be published are
 * dropped, and a credential is throttled some messages later.
 */
export function createOutcomes(
  publisher: Publisher,
  tenants: Pick<Tenants, 'writeAll' | 'fencedBy'>,
  log: Logger,
): Outcomes {
  let counted = new Map<string, Counted>();
  let timer: NodeJS.Timeout | undefined;

  async function publish(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const outcomes = [...counted].flatMap(([credential, counts]) =>
      tenants.fencedBy(counts.tenant) === undefined ? { credential, ...counts } : [],
    );
    counted = new Map();
    if (outcomes.length === 0) return;
    const key = routingKeys.credentialOutcomes;
    const content = contentOf(CredentialOutcomes, { v: 1, outcomes });
    const concerned = outcomes.map(({ tenant }) => tenant);
    try {
      await tenants.writeAll(concerned, () => publisher.publish({ key, content }));
    } catch (error) {
      log.warn('outcomes.not_reported', { error, count: outcomes.length });
    }
  }

  return {
    count(tenant, credential, status) {
      if (status !== 'delivered' && status !== 'bounced') return;
      let counts = counted.get(credential);
      if (counts === undefined) {
        counts = { tenant, delivered: 0, bounced: 0 };
        counted.set(credential, counts);
      }
      counts[status] += 1;
      timer ??= setTimeout(() => void publish(), period);
    },
    close: publish,
  };
}
