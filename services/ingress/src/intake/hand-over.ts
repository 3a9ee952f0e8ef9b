import { setTimeout as sleep } from 'node:timers/promises';
import { PublishError, type Publisher } from '@mysmtp/broker';
import { routingKeys, TenantUnavailable, type MailHeaders } from '@mysmtp/contracts';
import type { BareScope, Tenants } from '@mysmtp/tenancy';

/** A sealed message, ready to go. */
export interface Parcel {
  readonly id: string;
  readonly tenant: string;
  readonly kind: MailHeaders['kind'];
  readonly content: Buffer;
  /** Asked before each copy: after a revocation or a fence nothing more is published. */
  isWanted(): boolean;
}

/** `unknown`: nobody can say whether the broker has it, or whether the tenant is fenced. */
export type NotTaken = PublishError['kind'] | 'unwanted';

const pause = 50;

/**
 * Hands a message to the broker and gives back why that failed, or nothing once it is confirmed. Where
 * the connection breaks before the confirm, the message may be in the queue or not, and any answer may
 * be wrong. So it is published again under the same id, which delivery recognises, until the broker says
 * yes or `patience` (milliseconds; RFC 5321 4.5.3.2.6 gives us ten minutes) is over.
 *
 * A fence is acknowledged after each confirm that is waited for here. What comes after the fence is
 * never a success, although the broker may have the message: delivery drops it. Nor is a confirm that
 * was read by a process which does not know all fences then, as one that was frozen or cut off.
 */
export function createHandOver(
  publisher: Publisher,
  tenants: Pick<Tenants<BareScope>, 'run' | 'fencedBy' | 'isCurrent'>,
  patience: number,
): (parcel: Parcel) => Promise<NotTaken | undefined> {
  async function publish({ id, tenant, kind, content }: Parcel): Promise<NotTaken | undefined> {
    const publication = {
      key: routingKeys.mail,
      content,
      headers: { v: 1, id, tenant, kind },
      mandatory: true,
    } as const;
    try {
      await tenants.run(tenant, 'write', () => publisher.publish(publication));
      return undefined;
    } catch (error) {
      if (error instanceof PublishError) return error.kind;
      if (error instanceof TenantUnavailable) return error.passes ? 'unavailable' : 'unwanted';
      throw error;
    }
  }

  /** Waits until it is known whether the tenant is fenced, and no longer than to `end`. */
  async function untilKnown(tenant: string, end: number): Promise<void> {
    const isUnknown = () => !tenants.isCurrent() && tenants.fencedBy(tenant) === undefined;
    while (isUnknown() && performance.now() < end) {
      await sleep(pause);
    }
  }

  return async (parcel) => {
    const isFenced = () => tenants.fencedBy(parcel.tenant) !== undefined;
    if (!parcel.isWanted()) return 'unwanted';
    let reason = await publish(parcel);
    const end = performance.now() + patience;
    while (reason === 'unknown' && performance.now() < end && parcel.isWanted() && !isFenced()) {
      await sleep(pause);
      // A later refusal says nothing about the first copy.
      if ((await publish(parcel)) === undefined) reason = undefined;
    }
    if (reason === undefined) await untilKnown(parcel.tenant, end);
    // Last of all, and in the same turn as the answer.
    if (isFenced()) return 'unwanted';
    return reason === undefined && !tenants.isCurrent() ? 'unknown' : reason;
  };
}
