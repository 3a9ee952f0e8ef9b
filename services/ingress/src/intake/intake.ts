import type { Readable } from 'node:stream';
import { newMessageId } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { replies, type Reply } from '@mysmtp/mail';
import type { Tenants } from '@mysmtp/tenancy';
import type { Events, Receipt } from '../events.ts';
import type { Spool } from '../spool/spool.ts';
import type { AcceptedEvents } from './accepted-events.ts';
import { createContent, type Content } from './content.ts';
import type { NotTaken, Parcel } from './hand-over.ts';
import { prepareHeader } from './header.ts';
import { readMessage, type ReadMessage } from './read.ts';
import { sealMessage } from './seal-message.ts';
import type { Submission } from './submission.ts';

export interface Intake {
  /** False while nothing can be taken: say so before the message comes. */
  isReady(): boolean;
  /**
   * Takes a message. A receipt means that the broker has it; a reply, that it was refused or could
   * not be taken for sure. Throws where the stream ends in an error; it is read to its end in any other
   * case, unless the keys cannot be had.
   */
  take(
    submission: Submission,
    stream: Readable,
    /** Called just before the publish: from then on the sender is owed the true answer. */
    onPublish?: () => void,
  ): Promise<Receipt | Reply>;
}

export interface IntakeOptions {
  readonly smtpName: string;
  readonly clock: { now(): number };
  readonly tenants: Pick<Tenants, 'run'>;
  readonly spool: Spool;
  /** False while the broker takes nothing, or nobody here knows who is fenced. */
  readonly isReady: () => boolean;
  readonly handOver: (parcel: Parcel) => Promise<NotTaken | undefined>;
  readonly acceptedEvents: AcceptedEvents;
  readonly events: Events;
  readonly log: Logger;
}

/** From the first octet to the broker's confirm, the same for every way in. */
export function createIntake(options: IntakeOptions): Intake {
  const { smtpName, clock, tenants, spool, isReady, handOver, acceptedEvents, events, log } =
    options;

  async function take(
    submission: Submission,
    stream: Readable,
    onPublish?: () => void,
  ): Promise<Receipt | Reply> {
    const { kind, tenant, recipients, isWanted } = submission;
    // The id tells the day, and with it the keys, for everybody who handles the message later.
    const at = clock.now();
    const id = newMessageId(at);
    const keys = await tenants.run(tenant, 'read', (scope) => scope.keys(at));
    const owner = { id, tenant, key: keys.mail, keyId: keys.mailId };
    const content = createContent(() => spool.write(owner));
    const read = await readOrDiscard(stream, {
      sizeLimit: submission.sizeLimit,
      content,
      prepareHeader: (header) =>
        prepareHeader(header, {
          id,
          at,
          smtpName,
          protocol: submission.protocol,
          smtputf8: submission.smtputf8,
          findDomain: (domain) => submission.findDomain(keys, domain),
        }),
    });
    if ('code' in read) return read;
    const complete = performance.now();
    const sealed = sealMessage(id, submission, read, keys);
    onPublish?.();
    const reason = await handOver({ id, tenant, kind, content: sealed.content, isWanted });
    if (reason !== undefined) {
      // Where nobody knows, delivery may have it: its content stays until it is released or dies.
      if (reason !== 'unknown') await discard(content);
      if (reason === 'unwanted') return replies.credentialRevoked;
      events.publishFailed(id, reason);
      return replies.unavailable;
    }
    acceptedEvents.add(sealed.events);
    return {
      id,
      tenant,
      bytes: read.size,
      recipients: recipients.length,
      milliseconds: performance.now() - complete,
    };
  }

  async function readOrDiscard(
    stream: Readable,
    how: Parameters<typeof readMessage>[1],
  ): Promise<ReadMessage | Reply> {
    let read: ReadMessage | Reply | undefined;
    try {
      read = await readMessage(stream, how);
      return read;
    } finally {
      if (read === undefined || 'code' in read) await discard(how.content);
    }
  }

  async function discard(content: Content): Promise<void> {
    // What cannot be removed now the orphan job removes later.
    await content.discard().catch((error: unknown) => log.warn('spool.not_removed', { error }));
  }

  return { isReady, take };
}
