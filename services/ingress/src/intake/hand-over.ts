import { setTimeout as sleep } from 'node:timers/promises';
import { PublishError, type Publisher } from '@mysmtp/broker';
import { routingKeys } from '@mysmtp/contracts';

/** A sealed message, ready to go. */
export interface Parcel {
  readonly id: string;
  readonly tenant: string;
  readonly content: Buffer;
  /** Asked before each copy: after a revocation or a fence nothing more is published. */
  isWanted(): boolean;
}

/** `unknown`: nobody can say whether the broker has it. */
export type NotTaken = PublishError['kind'] | 'unwanted';

const pause = 50;

/**
 * Hands a message to the broker and gives back why that failed, or nothing once it is confirmed. Where
 * the connection breaks before the confirm, the message may be in the queue or not, and any answer may
 * be wrong. So it is published again under the same id, which delivery recognises, until the broker says
 * yes or `patience` (milliseconds; RFC 5321 4.5.3.2.6 gives us ten minutes) is over.
 */
export function createHandOver(
  publisher: Publisher,
  patience: number,
): (parcel: Parcel) => Promise<NotTaken | undefined> {
  async function publish({ id, tenant, content }: Parcel): Promise<NotTaken | undefined> {
    try {
      await publisher.publish({
        exchange: 'mail',
        key: routingKeys.mail,
        content,
        headers: { v: 1, id, tenant, kind: 'message' },
        mandatory: true,
      });
      return undefined;
    } catch (error) {
      if (error instanceof PublishError) return error.kind;
      throw error;
    }
  }

  return async (parcel) => {
    if (!parcel.isWanted()) return 'unwanted';
    const first = await publish(parcel);
    if (first !== 'unknown') return first;
    const end = performance.now() + patience;
    while (performance.now() < end && parcel.isWanted()) {
      await sleep(pause);
      // A later refusal says nothing about the first copy.
      if ((await publish(parcel)) === undefined) return undefined;
    }
    return 'unknown';
  };
}
