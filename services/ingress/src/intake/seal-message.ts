import {
  detailsRecord,
  firstRevision,
  UsageDetails,
  timeOfMessageId,
  written,
  type Envelope,
  type MessageEvent,
} from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import { isAscii, packMail } from '@mysmtp/mail';
import { addressIndex, seal, sealJson } from '@mysmtp/seal';
import { memoizeByKey } from '../memoize-by-key.ts';
import type { ReadMessage } from './read.ts';
import type { Submission } from './submission.ts';

export interface SealedMessage {
  /** Body of the broker message. */
  readonly content: Buffer;
  /** An event for the usage log for each recipient. */
  readonly events: readonly MessageEvent[];
}

const indexOfSender = memoizeByKey(addressIndex);

/** Seals all personal data of a message: the data for delivery and the details for the usage log. */
export function sealMessage(
  id: string,
  { tenant, reversePath, recipients }: Submission,
  message: ReadMessage,
  keys: SealingKeys,
): SealedMessage {
  const senderIndex = indexOfSender(keys.index, reversePath);
  const sealed = recipients.map((address, n) => {
    const details = written(UsageDetails, {
      sender: reversePath,
      recipient: address,
      messageId: message.header.messageId,
    });
    const context = { tenant, keyId: keys.eventsId, record: detailsRecord(id, n) };
    const log = sealJson(keys.events, context, details).toString('base64');
    return { address, index: addressIndex(keys.index, address), log };
  });
  const { header, content, bodyHash } = message;
  const envelope: Envelope = {
    reversePath,
    senderIndex,
    recipients: sealed,
    // What the message needs, not what the client requested: a next hop without the extension may be enough.
    smtputf8: header.isUtf8 || !isAscii(reversePath) || !recipients.every(isAscii),
    eightBit: message.eightBit,
    size: message.size,
    signing: bodyHash === undefined ? null : { domain: header.domain.id, bodyHash },
    spool: 'spool' in content ? content.spool : null,
  };
  const plain = packMail(envelope, ...('inline' in content ? content.inline : []));
  const context = { tenant, keyId: keys.mailId, record: `mail:${id}` };
  return {
    content: seal(keys.mail, context, plain),
    events: sealed.map(({ index, log }, n) => ({
      id,
      n,
      tenant,
      rev: firstRevision,
      status: 'accepted',
      acceptedAt: timeOfMessageId(id),
      nextAttemptAt: null,
      senderIndex,
      recipientIndex: index,
      details: log,
      attempts: [],
    })),
  };
}
