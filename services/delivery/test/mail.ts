import { createHash, randomUUID } from 'node:crypto';
import {
  dayKeyId,
  detailsRecord,
  newMessageId,
  type Envelope,
  type MailHeaders,
} from '@mysmtp/contracts';
import { createRelaxedBodyHash, domainOf, packMail, splitHeaderBlock } from '@mysmtp/mail';
import { addressIndex, createChunkSealer, domainIndex, seal, sealJson } from '@mysmtp/seal';
import type { Neighbours } from './neighbours.ts';

export interface MailOptions {
  readonly tenant: string;
  readonly kind: MailHeaders['kind'];
  readonly credential: string;
  readonly tagIndexes: string[];
  readonly about: string[];
  readonly at: number;
  readonly from: string;
  readonly to: readonly string[];
  readonly message: string | Buffer;
  readonly smtputf8: boolean;
  readonly eightBit: boolean;
  /** Domain id to sign as. */
  readonly signAs: string;
  /** Store the content in ingress's spool. */
  readonly spooled: boolean;
  /** Gets the valid chunks, while the spool gets invalid ones. */
  readonly insteadOfSpool: Map<string, Buffer[]>;
}

export const plainMessage = [
  'From: Hello <hello@demo.example.org>',
  'To: someone@a.test',
  'Subject: Test',
  'Date: Tue, 24 Nov 2026 12:00:00 +0000',
  'Message-ID: <1@demo.example.org>',
  '',
  'Hello,',
  '.a line that starts with a dot',
  'bye.',
  '',
].join('\r\n');

/** A message as ingress publishes it. */
export function newMail(
  neighbours: Neighbours,
  options: Partial<MailOptions> & { tenant: string },
): { content: Buffer; headers: MailHeaders; envelope: Envelope } {
  const {
    tenant,
    kind = 'message',
    at = Date.now(),
    from = 'hello@demo.example.org',
    to = ['someone@a.test'],
  } = options;
  const octets = Buffer.from(options.message ?? plainMessage);
  const id = newMessageId(at);
  const index = neighbours.keyOf(tenant, 'index');
  const mailId = dayKeyId('mail', at);
  const mailKey = neighbours.keyOf(tenant, mailId);
  const eventsId = dayKeyId('events', at);
  const details = (recipient: string, n: number) =>
    sealJson(
      neighbours.keyOf(tenant, eventsId),
      { tenant, keyId: eventsId, record: detailsRecord(id, n) },
      { sender: from, recipient, messageId: '<1@demo.example.org>' },
    ).toString('base64');

  let spool: Envelope['spool'] = null;
  if (options.spooled === true) {
    const spoolId = randomUUID();
    const sealer = createChunkSealer(mailKey, {
      tenant,
      keyId: mailId,
      record: `spool:${spoolId}`,
    });
    const chunks = [...sealer.push(octets), sealer.finish()];
    neighbours.spool.set(spoolId, options.insteadOfSpool ? [Buffer.from('rubbish')] : chunks);
    options.insteadOfSpool?.set(spoolId, chunks);
    spool = { id: spoolId, chunks: chunks.length };
  }
  const envelope: Envelope = {
    reversePath: from,
    senderIndex: addressIndex(index, from),
    senderDomainIndex: domainIndex(index, domainOf(from)),
    ...(options.tagIndexes !== undefined && { tagIndexes: options.tagIndexes }),
    ...(options.about !== undefined && { about: options.about }),
    recipients: to.map((address, n) => ({
      address,
      index: addressIndex(index, address),
      domainIndex: domainIndex(index, domainOf(address)),
      log: details(address, n),
    })),
    smtputf8: options.smtputf8 ?? false,
    eightBit: options.eightBit ?? false,
    size: octets.length,
    signing:
      options.signAs === undefined ? null : { domain: options.signAs, bodyHash: bodyHash(octets) },
    spool,
  };
  const packed = spool === null ? packMail(envelope, octets) : packMail(envelope);
  const context = { tenant, keyId: mailId, record: `mail:${id}` };
  return {
    content: seal(mailKey, context, packed),
    headers: {
      v: 1,
      id,
      tenant,
      kind,
      ...(options.credential !== undefined && { credential: options.credential }),
    },
    envelope,
  };
}

function bodyHash(octets: Buffer): string {
  const hash = createRelaxedBodyHash();
  hash.update(splitHeaderBlock(octets).body);
  return hash.digest();
}

export const sha256 = (octets: Buffer): string => createHash('sha256').update(octets).digest('hex');
