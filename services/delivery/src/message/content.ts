import { Readable } from 'node:stream';

/** The octets of a message, in memory or in ingress's spool. */
export interface Content {
  /** All of it where it is in memory. */
  readonly octets: Buffer | undefined;
  /** Its beginning, at least as far as the header section ends; throws a `SpoolUnavailable`. */
  head(): Promise<Buffer>;
  /** All of it, from the start; fails with a `SpoolUnavailable` where ingress is away. */
  stream(): Readable;
}

/** Ingress does not answer: nobody's fault, and no attempt. */
export class SpoolUnavailable extends Error {
  constructor(cause: unknown) {
    super('The spooled content cannot be read now', { cause });
    this.name = 'SpoolUnavailable';
  }
}

export function inlineContent(octets: Buffer): Content {
  return {
    octets,
    head: () => Promise.resolve(octets),
    stream: () => Readable.from([octets]),
  };
}

/** Reads one chunk, opened. */
export type ReadChunk = (index: number) => Promise<Buffer>;

/** A header section is at most so long (ingress refuses longer ones); it ends inside these chunks. */
const headerLimit = 256 * 1024;

/** Content that is read chunk by chunk, one at a time, at the pace of whoever takes it. */
export function spooledContent(chunks: number, read: ReadChunk): Content {
  async function head(): Promise<Buffer> {
    const parts: Buffer[] = [];
    let size = 0;
    for (let index = 0; index < chunks && size <= headerLimit; index += 1) {
      const chunk = await read(index);
      parts.push(chunk);
      size += chunk.length;
      if (Buffer.concat(parts).includes('\r\n\r\n')) break;
    }
    return Buffer.concat(parts);
  }

  async function* all(): AsyncGenerator<Buffer> {
    for (let index = 0; index < chunks; index += 1) yield await read(index);
  }

  return {
    octets: undefined,
    head,
    // One chunk waits while the one before it is sent, no more.
    stream: () => Readable.from(all(), { highWaterMark: 1 }),
  };
}
