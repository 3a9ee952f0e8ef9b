import type { Delivery, Outcome } from '@mysmtp/broker';
import { PublishError } from '@mysmtp/broker';
import { timeOfMessageId, type MailHeaders } from '@mysmtp/contracts';
import { KeyDestroyedError, KeyUnavailableError } from '@mysmtp/keys';
import { readHeaders } from '../message/headers.ts';
import type { Message } from '../message/message.ts';
import { UnreadableError, type OpenMessage } from '../message/open.ts';
import { nextAttemptAt, soonAfter, type RetrySettings } from '../shelf/delays.ts';
import { newDocument, type ShelfDocument } from '../shelf/document.ts';
import { NotWritten, type Durably } from '../shelf/durably.ts';
import type { Shelf } from '../shelf/store.ts';
import type { Clock } from '@mysmtp/service';
import type { Telemetry } from '../telemetry.ts';
import { suspectDocument, unreadableDocument } from './parking.ts';
import type { Recent } from './recent.ts';

export interface MailConsumerSettings extends RetrySettings {
  readonly open: OpenMessage;
  /** Delivers a message that is open, or puts it on the shelf. */
  readonly deliver: (message: Message, content: Buffer) => Promise<Outcome>;
  readonly recent: Recent;
  readonly shelf: Shelf;
  readonly durably: Durably;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly expiry: number;
  readonly stopping: AbortSignal;
}

/**
 * Takes mail from the broker. A message is acknowledged once it is delivered and the others are told,
 * or once it is on the shelf; until then the broker answers for it.
 */
export function createMailConsumer(
  settings: MailConsumerSettings,
): (delivery: Delivery) => Promise<Outcome> {
  const { open, deliver, recent, shelf, durably, clock, telemetry, expiry, stopping } = settings;

  async function put(document: ShelfDocument): Promise<Outcome> {
    // Where it is there already the shelf knows more than we do.
    await durably(() => shelf.put(document));
    return 'ack';
  }

  async function park(header: MailHeaders | undefined, content: Buffer): Promise<Outcome> {
    const document = unreadableDocument(header, content, timesOf(header));
    if (await durably(() => shelf.put(document))) {
      telemetry.held(document._id, document.tenant, 'unreadable', 0);
    }
    return 'ack';
  }

  const timesOf = (header: MailHeaders | undefined) => {
    const now = clock.now();
    return { now, acceptedAt: header === undefined ? now : timeOfMessageId(header.id), expiry };
  };

  async function handle(header: MailHeaders, content: Buffer): Promise<Outcome> {
    try {
      return await deliver(await open(header, content), content);
    } catch (error) {
      return recover(header, content, error);
    }
  }

  async function recover(header: MailHeaders, content: Buffer, error: unknown): Promise<Outcome> {
    const { acceptedAt, now } = timesOf(header);
    if (error instanceof NotWritten || error instanceof PublishError) return 'retry';
    if (error instanceof KeyDestroyedError) {
      telemetry.keyDestroyed(header.id, header.tenant, error.tenantState);
      return 'ack';
    }
    if (error instanceof UnreadableError) return park(header, content);
    if (error instanceof KeyUnavailableError) {
      if (stopping.aborted) return 'retry';
      telemetry.postponed('key_unavailable');
      return put(newDocument(header, content, { acceptedAt, nextAt: soonAfter(now), expiry }));
    }
    telemetry.handlingFailed(header.id, error);
    const nextAt = nextAttemptAt(now, 1, settings);
    return put({ ...newDocument(header, content, { acceptedAt, nextAt, expiry }), handlings: 1 });
  }

  return async ({ headers, content, redelivered }) => {
    const header = readHeaders(headers);
    try {
      if (header === undefined) return await park(undefined, content);
      return await recent.once(header.id, () =>
        redelivered
          ? put(suspectDocument(header, content, timesOf(header)))
          : handle(header, content),
      );
    } catch (error) {
      if (error instanceof NotWritten) return 'retry';
      throw error;
    }
  };
}
