import type { Publisher } from '@mysmtp/broker';
import { routingKeys, type MailBatchHeaders } from '@mysmtp/contracts';
import { itemOverhead, lengthOf, packBatch, type BatchItem } from '@mysmtp/mail';

/** A sealed message for delivery. */
export interface OutgoingMail extends BatchItem {
  /** Checked right before the publish. */
  readonly isAuthorized: () => boolean;
}

/** After a revocation or a fence nothing is published. */
export class RevokedError extends Error {
  constructor() {
    super('The sender is not authorized any more');
    this.name = 'RevokedError';
  }
}

/** Buffers of each size that are kept. More are free only after many publishes were under way at once. */
const mostFree = 32;

/** Buffers that are used again, because new ones would cost a collection of garbage soon. */
class ReusedBuffers {
  private readonly free: ReadonlyMap<number, Buffer[]>;

  /** `sizes`: octets of the buffers, in ascending order. */
  constructor(sizes: readonly number[]) {
    this.free = new Map(sizes.map((size) => [size, []]));
  }

  /** A buffer of this length. One that is longer than all of these is not used again. */
  take(length: number): Buffer {
    for (const [size, free] of this.free)
      if (length <= size) return (free.pop() ?? Buffer.allocUnsafeSlow(size)).subarray(0, length);
    return Buffer.allocUnsafe(length);
  }

  /** Its octets are overwritten soon. */
  release({ buffer }: Buffer): void {
    const free = this.free.get(buffer.byteLength);
    if (free !== undefined && free.length < mostFree) free.push(Buffer.from(buffer));
  }
}

interface Waiting {
  readonly mail: OutgoingMail;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Publishes mail for delivery (group commit). If nothing is being published, a message is published at once,
 * alone. Messages that arrive before its confirm are gathered, and published together when no confirm is missing
 * or when they fill a batch. So at low load no message waits, and at high load several messages cost the broker,
 * its disk and its consumers about as much as one.
 *
 * `limit`: octets of a batch. A larger message is published alone.
 *
 * Resolves once the broker has confirmed; rejects with a `PublishError` or a `RevokedError`.
 */
export function createMailBatches(
  publisher: Pick<Publisher, 'publish'>,
  limit: number,
): (mail: OutgoingMail) => Promise<void> {
  let gathered: Waiting[] = [];
  let octets = 0;
  let underWay = 0;
  // Also for messages that are a little too large for a batch.
  const buffers = new ReusedBuffers([limit, 3 * limit]);
  const allocate = (length: number): Buffer => buffers.take(length);

  function send(): void {
    const batch = gathered.filter(({ mail, done }) => {
      if (mail.isAuthorized()) return true;
      done.reject(new RevokedError());
      return false;
    });
    gathered = [];
    octets = 0;
    const [first, ...others] = batch;
    if (first === undefined) return;
    const isAlone = others.length === 0;
    const ofAll: MailBatchHeaders = { v: 1, messages: batch.length };
    const headers = isAlone ? { ...first.mail.headers } : ofAll;
    const content = isAlone
      ? join(first.mail.content, allocate)
      : packBatch(
          batch.map(({ mail }) => mail),
          allocate,
        );
    void publish({ key: routingKeys.mail, content, headers, mandatory: true }, batch);
  }

  async function publish(
    message: Parameters<Publisher['publish']>[0],
    batch: readonly Waiting[],
  ): Promise<void> {
    underWay += 1;
    try {
      await publisher.publish(message);
      // Without a confirm the octets may still wait to be sent.
      buffers.release(message.content);
      for (const { done } of batch) done.resolve();
    } catch (error) {
      for (const { done } of batch) done.reject(error);
    } finally {
      underWay -= 1;
    }
    if (underWay === 0) send();
  }

  return (mail) => {
    const done = Promise.withResolvers<void>();
    const size = lengthOf(mail.content) + itemOverhead;
    if (octets + size > limit) send();
    gathered.push({ mail, done });
    octets += size;
    if (underWay === 0 || octets > limit) send();
    return done.promise;
  };
}

function join(pieces: readonly Buffer[], allocate: (length: number) => Buffer): Buffer {
  const joined = allocate(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) at += piece.copy(joined, at);
  return joined;
}
