import { Readable } from 'node:stream';
import { CodedError } from '@mysmtp/contracts';
import type { Content as ToSend } from '@mysmtp/smtp-client';

/** The octets of a message, in memory or in ingress's spool. */
export interface Content {
  /**
   * The beginning, at least to the end of the header section; read once. Throws a `SpoolUnavailableError`
   * or a `SpoolGoneError`.
   */
  head(): Promise<Buffer>;
  /** All octets, from the start at each call. Fails as `head` does. */
  read(): AsyncIterable<Buffer>;
  /** All octets after a field of our own, for one or more transactions. Fails as `head` does. */
  toSend(field: Buffer): ToSend;
}

/** Ingress does not answer. This is no failure of the message and no attempt. */
export class SpoolUnavailableError extends CodedError {
  constructor(cause: unknown) {
    super('spool_away', 'The spooled content cannot be read now', { cause });
    this.name = 'SpoolUnavailableError';
  }
}

/** Ingress does not have the content any more. */
export class SpoolGoneError extends CodedError {
  constructor(cause: unknown) {
    super('spool_gone', 'The spooled content does not exist any more', { cause });
    this.name = 'SpoolGoneError';
  }
}

export function inlineContent(octets: Buffer): Content {
  return {
    head: () => Promise.resolve(octets),
    read: () => Readable.from([octets]),
    toSend: (field) => [field, octets],
  };
}

/** Reads one chunk, opened. */
export type ReadChunk = (index: number) => Promise<Buffer>;

/** Longest header section (ingress refuses longer ones). It ends inside these chunks. */
const headerLimit = 256 * 1024;

/** Content that is read chunk by chunk, at the pace of the receiving server. */
export function spooledContent(chunks: number, read: ReadChunk): Content {
  /** The chunks with the header, once they are read. */
  let beginning: Promise<Buffer[]> | undefined;

  async function readBeginning(): Promise<Buffer[]> {
    const parts: Buffer[] = [];
    let size = 0;
    for (let index = 0; index < chunks && size <= headerLimit; index += 1) {
      const chunk = await read(index);
      parts.push(chunk);
      size += chunk.length;
      if (Buffer.concat(parts).includes('\r\n\r\n')) break;
    }
    return parts;
  }

  function begin(): Promise<Buffer[]> {
    beginning ??= readBeginning().catch((error: unknown) => {
      beginning = undefined;
      throw error;
    });
    return beginning;
  }

  async function* all(): AsyncGenerator<Buffer> {
    const parts = await begin();
    yield* parts;
    for (let index = parts.length; index < chunks; index += 1) yield await read(index);
  }

  return {
    head: async () => Buffer.concat(await begin()),
    read: all,
    toSend: (field) => behind(field, all),
  };
}

/** A field of our own, followed by the message. */
export const behind = (field: Buffer, read: () => AsyncIterable<Buffer>): ToSend =>
  async function* signed() {
    yield field;
    yield* read();
  };
