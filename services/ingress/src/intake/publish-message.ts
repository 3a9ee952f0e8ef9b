import { setTimeout as sleep } from 'node:timers/promises';
import { PublishError, type Publisher } from '@mysmtp/broker';
import { batchLimit, TenantUnavailable, type MailHeaders } from '@mysmtp/contracts';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import { createMailBatches, RevokedError } from './mail-batches.ts';

/** A sealed message, ready to be published. */
export interface OutgoingMessage {
  readonly id: string;
  readonly tenant: string;
  readonly kind: MailHeaders['kind'];
  readonly credential?: string | undefined;
  /** In pieces. */
  readonly content: readonly Buffer[];
  /** Routing key. The default is that of mail for delivery. */
  readonly key?: string;
  /** Checked before each publish: after a revocation or a fence nothing more is published. */
  readonly isAuthorized: () => boolean;
  /** The same of its sender and its recipients, who may be erased. */
  readonly isPersonFenced?: () => boolean;
}

/**
 * `unknown`: the broker may or may not have the message, or the tenant may be fenced. `person`: the sender or
 * a recipient is being erased.
 */
export type PublishFailure = PublishError['kind'] | 'revoked' | 'person';

const pause = 50;

/**
 * Publishes a message. Returns why this failed, or `undefined` once the broker has confirmed it. If the
 * connection breaks before the confirm, the message may be in the queue or not, and any reply may be wrong.
 * So it is published again under the same id, which delivery recognises. This ends when the broker confirms
 * it or `patience` (milliseconds; RFC 5321 4.5.3.2.6 allows ten minutes) is over.
 *
 * A fence is acknowledged only after all confirms that this function waits for. After the fence the result is
 * never a success, although the broker may have the message; delivery drops it. A confirm is not a success
 * either if this process may have missed a fence, for example because it was suspended or cut off.
 */
export function createMessagePublisher(
  publisher: Publisher,
  tenants: Pick<Tenants<BareScope>, 'run' | 'fencedBy' | 'isCurrent'>,
  patience: number,
  /** Octets of several messages in one broker message. */
  limit: number = batchLimit,
): (outgoing: OutgoingMessage) => Promise<PublishFailure | undefined> {
  const publishMail = createMailBatches(publisher, limit);

  async function publish(outgoing: OutgoingMessage): Promise<PublishFailure | undefined> {
    const { id, tenant, kind, credential, content, key, isAuthorized } = outgoing;
    const headers: MailHeaders =
      credential === undefined
        ? { v: 1, id, tenant, kind }
        : { v: 1, id, tenant, kind, credential };
    try {
      await tenants.run(tenant, 'write', () =>
        key === undefined
          ? publishMail({ headers, content, isAuthorized })
          : publisher.publish({
              key,
              content: Buffer.concat(content),
              headers: { ...headers },
              mandatory: true,
            }),
      );
      return undefined;
    } catch (error) {
      if (error instanceof PublishError) return error.kind;
      if (error instanceof RevokedError) return 'revoked';
      if (error instanceof TenantUnavailable) return error.passes ? 'unavailable' : 'revoked';
      throw error;
    }
  }

  /** Waits until it is known whether the tenant is fenced, at most until `end`. */
  async function untilKnown(tenant: string, end: number): Promise<void> {
    const isUnknown = () => !tenants.isCurrent() && tenants.fencedBy(tenant) === undefined;
    while (isUnknown() && performance.now() < end) {
      await sleep(pause);
    }
  }

  return async (outgoing) => {
    const isFenced = () => tenants.fencedBy(outgoing.tenant) !== undefined;
    const isPersonFenced = () => outgoing.isPersonFenced?.() === true;
    if (!outgoing.isAuthorized()) return 'revoked';
    if (isPersonFenced()) return 'person';
    let reason = await publish(outgoing);
    const end = performance.now() + patience;
    while (
      reason === 'unknown' &&
      performance.now() < end &&
      outgoing.isAuthorized() &&
      !isFenced() &&
      !isPersonFenced()
    ) {
      await sleep(pause);
      // A later refusal does not tell whether the broker has the first copy.
      if ((await publish(outgoing)) === undefined) reason = undefined;
    }
    const isLate = !tenants.isCurrent();
    if (reason === undefined) await untilKnown(outgoing.tenant, end);
    // The last check, in the same turn of the event loop as the reply.
    if (isFenced()) return 'revoked';
    // Without a wait the reply is sent before the fence of a person is acknowledged: the fence waits for the
    // publish. Delivery serves the other recipients, so a reply of failure would duplicate their mail.
    if (isLate && isPersonFenced()) return 'unknown';
    return reason === undefined && !tenants.isCurrent() ? 'unknown' : reason;
  };
}
