import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Outcome } from '@mysmtp/broker';
import { PublishError } from '@mysmtp/broker';
import { timeOfMessageId, type MailHeaders } from '@mysmtp/contracts';
import { FencedError, NotCurrentError, type Gate } from '@mysmtp/erasure';
import { KeyDestroyedError } from '@mysmtp/keys';
import { readHeaders } from '../message/headers.ts';
import type { Message } from '../message/message.ts';
import { isKeyWithheld, UnreadableError, type OpenMessage } from '../message/open.ts';
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
  readonly gate: Gate;
  /** Counts a message that an erasure drops. */
  readonly dropped: (erasure: string) => Promise<void>;
  readonly shelf: Shelf;
  readonly durably: Durably;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly expiry: number;
  readonly stopping: AbortSignal;
}

/** How often to look whether this process knows all fences. */
const every = 200;

/**
 * Takes mail from the broker. A message is acknowledged once it is delivered and the others are told,
 * or once it is on the shelf; until then the broker answers for it. Mail of a fenced tenant is dropped
 * and counted, also what is in hand when the fence falls.
 */
export function createMailConsumer(
  settings: MailConsumerSettings,
): (delivery: Delivery) => Promise<Outcome> {
  const { open, deliver, recent, gate, shelf, durably, clock, telemetry, expiry, stopping } =
    settings;

  async function put(document: ShelfDocument): Promise<Outcome> {
    // Where it is there already the shelf knows more than we do.
    await durably(() => shelf.put(document));
    return 'ack';
  }

  async function park(header: MailHeaders | undefined, content: Buffer): Promise<Outcome> {
    const document = unreadableDocument(header, content, timesOf(header));
    if ((await durably(() => shelf.put(document))) && header?.kind !== 'canary') {
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
    if (gate.closedFor(header.tenant) !== undefined) throw new FencedError();
    const { acceptedAt, now } = timesOf(header);
    const comesAgain = [NotWritten, NotCurrentError, PublishError];
    if (comesAgain.some((kind) => error instanceof kind)) return 'retry';
    if (isKeyWithheld(error)) {
      if (stopping.aborted) return 'retry';
      telemetry.postponed('key_unavailable');
      return put(newDocument(header, content, { acceptedAt, nextAt: soonAfter(now), expiry }));
    }
    if (error instanceof KeyDestroyedError) {
      telemetry.keyDestroyed(header.id, header.tenant, error.tenantState);
      return 'ack';
    }
    if (error instanceof UnreadableError) return park(header, content);
    telemetry.handlingFailed(header.id, error);
    const nextAt = nextAttemptAt(now, 1, settings);
    return put({ ...newDocument(header, content, { acceptedAt, nextAt, expiry }), handlings: 1 });
  }

  /** A fence that falls meanwhile waits until the message is settled, or dropped and counted. */
  function pass({ tenant }: MailHeaders, work: () => Promise<Outcome>): Promise<Outcome> {
    const erasure = gate.closedFor(tenant);
    if (erasure !== undefined) return drop(erasure);
    return gate.pass(tenant, async () => {
      try {
        return await work();
      } catch (error) {
        const fallen = gate.closedFor(tenant);
        if (fallen === undefined || !(error instanceof FencedError)) throw error;
        return drop(fallen);
      }
    });
  }

  async function drop(erasure: string): Promise<Outcome> {
    await durably(() => settings.dropped(erasure));
    return 'ack';
  }

  /** What waits here fills the window, and that stops the intake meanwhile. */
  async function untilCurrent(): Promise<void> {
    while (!gate.isCurrent() && !stopping.aborted) {
      await sleep(every, undefined, { signal: stopping }).catch(() => undefined);
    }
  }

  return async ({ headers, content, redelivered }) => {
    const header = readHeaders(headers);
    try {
      if (header === undefined) return await park(undefined, content);
      return await recent.once(header.id, async () => {
        await untilCurrent();
        return pass(header, () =>
          redelivered
            ? put(suspectDocument(header, content, timesOf(header)))
            : handle(header, content),
        );
      });
    } catch (error) {
      if (error instanceof NotWritten || error instanceof NotCurrentError) return 'retry';
      throw error;
    }
  };
}
