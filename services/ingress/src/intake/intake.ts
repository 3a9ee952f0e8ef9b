import type { Readable } from 'node:stream';
import {
  contentOf,
  finalRevision,
  MessageEvents,
  newMessageId,
  routingKeys,
  timeOfMessageId,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { replies, type Reply } from '@mysmtp/mail';
import type { Tenants } from '@mysmtp/tenancy';
import type { Telemetry, AcceptedMessage } from '../telemetry.ts';
import type { Recipients } from '../recipients/recipients.ts';
import type { Spool } from '../spool/spool.ts';
import type { AcceptedEvents } from './accepted-events.ts';
import { createContent, type Content } from './content.ts';
import type { PublishFailure, OutgoingMessage } from './publish-message.ts';
import { prepareHeader } from './header.ts';
import { readMessage, type ReadMessage } from './read.ts';
import { sealMessage, type SealedMessage } from './seal-message.ts';
import type { Submission } from './submission.ts';
import { unsubscribeUrlOf } from './unsubscribe-url.ts';

export interface Intake {
  /** False while no message can be accepted. Checked before the message comes in. */
  isReady(): boolean;
  /**
   * Takes a message. Returns an `AcceptedMessage` if the broker has confirmed it; a reply if it was refused
   * or its acceptance is uncertain. Throws if the stream ends in an error. In all other cases the stream is
   * read to its end, unless the keys are unavailable.
   */
  take(
    submission: Submission,
    stream: Readable,
    /**
     * Called just before the publish, with the octets of the message. If it returns a reply, the message is
     * refused. If not, the client must get the true reply from then on.
     */
    onPublish?: (octets: number) => Reply | undefined,
  ): Promise<AcceptedMessage | Reply>;
}

export interface IntakeDeps {
  readonly smtpName: string;
  /** Where recipients object with one click: the public origin of privacy, if it is configured. */
  readonly unsubscribeUrl: string | undefined;
  readonly clock: { now(): number };
  readonly tenants: Pick<Tenants, 'run' | 'personFences'>;
  readonly spool: Spool;
  /** False while the broker accepts nothing, or the fence list may be stale. */
  readonly isReady: () => boolean;
  readonly publishMessage: (outgoing: OutgoingMessage) => Promise<PublishFailure | undefined>;
  readonly acceptedEvents: AcceptedEvents;
  readonly recipients: Pick<Recipients, 'add'>;
  readonly telemetry: Telemetry;
  readonly log: Logger;
}

/** From the first octet to the broker's confirm, the same for every protocol. */
export function createIntake(deps: IntakeDeps): Intake {
  const {
    smtpName,
    unsubscribeUrl,
    clock,
    tenants,
    spool,
    isReady,
    publishMessage,
    acceptedEvents,
    recipients: ofCredentials,
    telemetry,
    log,
  } = deps;

  async function take(
    submission: Submission,
    stream: Readable,
    onPublish?: (octets: number) => Reply | undefined,
  ): Promise<AcceptedMessage | Reply> {
    const { kind, tenant, recipients, sandbox = false, isAuthorized } = submission;
    // The id contains the day, which determines the keys for all later steps.
    const id = submission.id ?? newMessageId(clock.now());
    const at = timeOfMessageId(id);
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
          admitsAuthor: (address) => submission.admitsAuthor(keys, address),
          unsubscribeUrl: () => unsubscribeUrlOf(submission, keys, unsubscribeUrl),
        }),
    });
    if ('code' in read) return read;
    const complete = performance.now();
    const sealed = sealMessage(id, submission, read, keys);
    const isPersonFenced = (): boolean => isFenced(sealed, tenant);
    const refusal = isPersonFenced() ? replies.personUnavailable : onPublish?.(read.size);
    if (refusal !== undefined) {
      await discard(content);
      return refusal;
    }
    const reason = await publishMessage({
      id,
      tenant,
      kind,
      credential: submission.credential,
      ...(sandbox ? sandboxed(sealed) : { content: sealed.content }),
      isAuthorized,
      isPersonFenced,
    });
    if (reason !== undefined) {
      // If the result is unknown, delivery may have the message. Its content stays until it is released or
      // its key is destroyed.
      if (reason !== 'unknown') await discard(content);
      if (reason === 'revoked') return replies.credentialRevoked;
      if (reason === 'person') return replies.personUnavailable;
      telemetry.publishFailed(id, reason);
      return replies.unavailable;
    }
    if (sandbox) await discard(content);
    else {
      acceptedEvents.add(sealed.events);
      const { credential } = submission;
      if (credential !== undefined) ofCredentials.add({ tenant, credential }, indexesOf(sealed));
    }
    return {
      id,
      tenant,
      bytes: read.size,
      recipients: recipients.length,
      milliseconds: performance.now() - complete,
    };
  }

  /** Whether the sender or a recipient is being erased. */
  function isFenced({ events }: SealedMessage, tenant: string): boolean {
    const fences = tenants.personFences(tenant);
    if (fences === undefined) return false;
    return events.some(
      ({ acceptedAt, senderIndex, recipientIndex }) =>
        fences.of(acceptedAt, senderIndex, recipientIndex) !== undefined,
    );
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
    // If this fails, the orphan job removes the content later.
    await content.discard().catch((error: unknown) => log.warn('spool.not_removed', { error }));
  }

  return { isReady, take };
}

const indexesOf = ({ events }: SealedMessage): string[] =>
  events.map(({ recipientIndex }) => recipientIndex);

/** In the place of a sandboxed message, the broker gets its final rows of the usage log. Delivery gets nothing. */
function sandboxed({ events }: SealedMessage): Pick<OutgoingMessage, 'key' | 'content'> {
  const rows = events.map((event) => ({
    ...event,
    status: 'sandboxed' as const,
    rev: finalRevision,
  }));
  const content = contentOf(MessageEvents, { v: 1, events: rows });
  return { key: routingKeys.messageAccepted, content: [content] };
}
