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
import { domainOf, isAscii, packMail } from '@mysmtp/mail';
import { addressIndex, domainIndex, sealInPieces, sealJson, tagIndex } from '@mysmtp/seal';
import { memoizeByKey } from '../memoize-by-key.ts';
import type { ReadMessage } from './read.ts';
import type { Submission } from './submission.ts';

export interface SealedMessage {
  /** Body of the broker message, in pieces. */
  readonly content: readonly Buffer[];
  /** An event for the usage log for each recipient. */
  readonly events: readonly MessageEvent[];
}

const indexOfSender = memoizeByKey(addressIndex);
const indexOfDomain = memoizeByKey(domainIndex);

/** Seals all personal data of a message: the data for delivery and the details for the usage log. */
export function sealMessage(
  id: string,
  { kind, tenant, credential, reversePath, recipients, accepted }: Submission,
  message: ReadMessage,
  keys: SealingKeys,
): SealedMessage {
  const { tags } = message.header;
  const senderIndex = indexOfSender(keys.index, reversePath);
  const domainIndexOf = (address: string) => indexOfDomain(keys.index, domainOf(address));
  const found = {
    ...(reversePath !== '' && { senderDomainIndex: domainIndexOf(reversePath) }),
    ...(tags.length > 0 && { tagIndexes: tags.map((tag) => tagIndex(keys.index, tag)) }),
  };
  const sealed = recipients.map((address, n) => {
    const details = written(UsageDetails, {
      sender: reversePath,
      recipient: address,
      messageId: message.header.messageId,
      ...(tags.length > 0 && { tags: [...tags] }),
      ...(accepted !== undefined && { accepted }),
    });
    const context = { tenant, keyId: keys.eventsId, record: detailsRecord(id, n) };
    const log = sealJson(keys.events, context, details).toString('base64');
    const index = addressIndex(keys.index, address);
    return { address, index, domainIndex: domainIndexOf(address), log };
  });
  const { header, content, bodyHash } = message;
  const envelope: Envelope = {
    reversePath,
    senderIndex,
    ...found,
    // A canary is found in each way in which a message is.
    ...(kind === 'canary' && { about: sealed.map(({ index }) => index) }),
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
    content: sealInPieces(keys.mail, context, plain),
    events: sealed.map(({ index, domainIndex, log }, n) => ({
      id,
      n,
      tenant,
      rev: firstRevision,
      status: 'accepted',
      acceptedAt: timeOfMessageId(id),
      nextAttemptAt: null,
      senderIndex,
      ...found,
      recipientIndex: index,
      recipientDomainIndex: domainIndex,
      ...(credential !== undefined && { credential }),
      details: log,
      attempts: [],
    })),
  };
}
