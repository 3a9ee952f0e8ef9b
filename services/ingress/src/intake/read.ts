import type { Readable } from 'node:stream';
import { CodedError } from '@mysmtp/contracts';
import {
  createMessageReader,
  createRelaxedBodyHash,
  replies,
  type RelaxedBodyHash,
  type Reply,
} from '@mysmtp/mail';
import type { Content, StoredContent } from './content.ts';
import type { PreparedHeader } from './header.ts';

/** A message that is complete and may be passed on. */
export interface ReadMessage {
  readonly header: PreparedHeader;
  readonly content: StoredContent;
  /** Octets of the message in the form that is sent. */
  readonly size: number;
  readonly eightBit: boolean;
  /** Hash of the unchanged body, if we sign. */
  readonly bodyHash: string | undefined;
}

/**
 * Reads a message once, from its first octet to its last: checks, header, body hash and storage in
 * the same pass. A refused message is still read to its end and discarded. Throws if the client
 * disconnects or the spool cannot be written.
 */
export async function readMessage(
  stream: Readable,
  deps: {
    readonly sizeLimit: number;
    readonly content: Content;
    readonly prepareHeader: (header: Buffer) => PreparedHeader | Reply;
  },
): Promise<ReadMessage | Reply> {
  const { sizeLimit, content } = deps;
  const reader = createMessageReader();
  let refusal: Reply | undefined;
  let header: PreparedHeader | undefined;
  let hash: RelaxedBodyHash | undefined;
  let received = 0;

  function takeHeader(): Promise<void> | undefined {
    const block = reader.header();
    if (block === undefined) return undefined;
    const prepared = deps.prepareHeader(block);
    if ('code' in prepared) {
      refusal = prepared;
      return undefined;
    }
    header = prepared;
    if (prepared.domain.signing === 'ours') hash = createRelaxedBodyHash();
    return content.write(prepared.octets);
  }

  function take(octets: Buffer): Promise<void> | undefined {
    received += octets.length;
    if (received > sizeLimit) refusal ??= replies.tooBig;
    if (refusal !== undefined) return undefined;
    const body = reader.push(octets);
    refusal = reader.problem();
    if (refusal !== undefined) return undefined;
    const written = header === undefined ? takeHeader() : undefined;
    if (body === undefined || refusal !== undefined) return written;
    hash?.update(body);
    return written === undefined ? content.write(body) : written.then(() => content.write(body));
  }

  await consume(stream, take);
  reader.finish();
  refusal ??= reader.problem();
  if (header === undefined && refusal === undefined) await takeHeader();
  if (refusal !== undefined) return refusal;
  return {
    header: required(header),
    content: await content.finish(),
    size: content.size(),
    eightBit: reader.isEightBit() || required(header).isUtf8,
    bodyHash: hash?.digest(),
  };
}

/** A reader that finished without a problem has returned a header, perhaps an empty one. */
function required(header: PreparedHeader | undefined): PreparedHeader {
  if (header === undefined)
    throw new CodedError('internal_fault', 'The message was read without a header');
  return header;
}

/**
 * Reads a stream to its end. If `take` returns a promise, the stream is paused until it is settled. If `take`
 * fails, the rest is read and discarded, because the client reads a reply only after the end of the message.
 * Rejects with this failure, or if the stream is cut off.
 */
async function consume(
  stream: Readable,
  take: (octets: Buffer) => Promise<void> | undefined,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  let waiting: Promise<void> | undefined;

  function onData(octets: Buffer): void {
    if (failure !== undefined) return;
    const taken = take(octets);
    if (taken === undefined) return;
    stream.pause();
    waiting = taken
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => stream.resume());
  }

  await new Promise<void>((resolve, reject) => {
    const cutOff = () => reject(new Error('The stream was cut off'));
    if (stream.destroyed) return cutOff();
    const end = () => {
      stream.off('close', cutOff);
      resolve();
    };
    stream.on('data', onData).once('end', end).once('error', reject).once('close', cutOff);
  }).catch((error: unknown) => {
    failure ??= { error };
  });
  // A running write must end before the caller removes its data.
  await waiting;
  if (failure !== undefined) throw failure.error;
}
