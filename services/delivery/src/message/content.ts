import { Readable } from 'node:stream';
import { CodedError } from '@mysmtp/contracts';
import type { Content as ToSend } from '@mysmtp/smtp-client';

/** The octets of a message, in memory or in ingress's spool. */
export interface Content {
  /**
   * Its beginning, at least as far as the header section ends; read once. Throws a `SpoolUnavailable`
   * or a `SpoolGone`.
   */
  head(): Promise<Buffer>;
  /** All of it, from the start, each time. Fails as `head` does. */
  read(): AsyncIterable<Buffer>;
  /** All of it behind a field of our own, for one or more transactions. Fails as `head` does. */
  toSend(field: Buffer): ToSend;
}

/** Ingress does not answer: nobody's fault, and no attempt. */
export class SpoolUnavailable extends CodedError {
  constructor(cause: unknown) {
    super('spool_away', 'The spooled content cannot be read now', { cause });
    this.name = 'SpoolUnavailable';
  }
}

/** Ingress has the content no more. */
export class SpoolGone extends CodedError {
  constructor(cause: unknown) {
    super('spool_gone', 'The spooled content is gone', { cause });
    this.name = 'SpoolGone';
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

/** A header section is at most so long (ingress refuses longer ones); it ends inside these chunks. */
const headerLimit = 256 * 1024;

/** Content that is read chunk by chunk, one at a time, at the pace of the server that takes it. */
export function spooledContent(chunks: number, read: ReadChunk): Content {
  /** The chunks that hold the header, read already. */
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

/** A field of our own, and the message behind it. */
export const behind = (field: Buffer, read: () => AsyncIterable<Buffer>): ToSend =>
  async function* signed() {
    yield field;
    yield* read();
  };
