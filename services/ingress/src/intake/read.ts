import {
  createMessageReader,
  createRelaxedBodyHash,
  replies,
  type RelaxedBodyHash,
  type Reply,
} from '@mysmtp/mail';
import type { Content, StoredContent } from './content.ts';
import type { PreparedHeader } from './header.ts';

/** A message that has come in whole and may be passed on. */
export interface ReadMessage {
  readonly header: PreparedHeader;
  readonly content: StoredContent;
  /** Octets as it is to be sent. */
  readonly size: number;
  readonly eightBit: boolean;
  /** Of the body as it is, where we sign. */
  readonly bodyHash: string | undefined;
}

/**
 * Reads a message once, from its first octet to its last: checks, header, body hash and storage in
 * the same pass. A refused message is still read to its end, for only there the client listens; its
 * octets go nowhere. Throws where the client goes away or the spool cannot be written.
 */
export async function readMessage(
  octets: AsyncIterable<Buffer>,
  options: {
    readonly sizeLimit: number;
    readonly content: Content;
    readonly prepareHeader: (header: Buffer) => PreparedHeader | Reply;
  },
): Promise<ReadMessage | Reply> {
  const { sizeLimit, content, prepareHeader } = options;
  const reader = createMessageReader();
  let refusal: Reply | undefined;
  let header: PreparedHeader | undefined;
  let hash: RelaxedBodyHash | undefined;
  let received = 0;

  async function takeHeader(): Promise<void> {
    const block = reader.header();
    if (block === undefined) return;
    const prepared = prepareHeader(block);
    if ('code' in prepared) {
      refusal = prepared;
      return;
    }
    header = prepared;
    if (prepared.domain.signing === 'ours') hash = createRelaxedBodyHash();
    await content.write(prepared.octets);
  }

  for await (const chunk of octets) {
    received += chunk.length;
    if (received > sizeLimit) refusal ??= replies.tooBig;
    if (refusal !== undefined) continue;
    const body = reader.push(chunk);
    refusal = reader.problem();
    if (header === undefined && refusal === undefined) await takeHeader();
    if (body === undefined || refusal !== undefined) continue;
    hash?.update(body);
    const stored = content.write(body);
    if (stored !== undefined) await stored;
  }
  reader.finish();
  refusal ??= reader.problem();
  if (header === undefined && refusal === undefined) await takeHeader();
  if (refusal !== undefined) return refusal;
  return {
    header: required(header),
    content: await content.finish(),
    size: content.size(),
    eightBit: reader.isEightBit(),
    bodyHash: hash?.digest(),
  };
}

/** A reader that has finished without a problem has given a header, if only an empty one. */
function required(header: PreparedHeader | undefined): PreparedHeader {
  if (header === undefined) throw new Error('The message was read without a header');
  return header;
}
