import type { MailHeaders } from '@mysmtp/contracts';

/** A sealed message with its clear headers. */
export interface BatchItem {
  readonly headers: MailHeaders;
  /** In pieces. */
  readonly content: readonly Buffer[];
}

/** A message of a batch, as it was read. Its headers are not checked. */
export interface UnpackedItem {
  readonly headers: Readonly<Record<string, unknown>>;
  /** Shares its memory with the batch. */
  readonly content: Buffer;
}

const lengths = 2 + 4;

/** Octets that headers and lengths add to a message in a batch; about as many as the longest headers. */
export const itemOverhead = 256;

/**
 * Several messages as the content of one broker message: `length of headers (16 bits) | headers (JSON) |
 * length of content (32 bits) | content`, for each of them.
 */
export function packBatch(
  items: readonly BatchItem[],
  allocate: (size: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const headers = items.map((item) => Buffer.from(JSON.stringify(item.headers)));
  let size = 0;
  for (const [index, { content }] of items.entries())
    size += lengths + (headers[index]?.length ?? 0) + lengthOf(content);
  const packed = allocate(size);
  let at = 0;
  for (const [index, { content }] of items.entries()) {
    const json = headers[index] ?? Buffer.alloc(0);
    at = packed.writeUInt16BE(json.length, at);
    at += json.copy(packed, at);
    at = packed.writeUInt32BE(lengthOf(content), at);
    for (const piece of content) at += piece.copy(packed, at);
  }
  return packed;
}

/** Octets of all pieces. */
export function lengthOf(pieces: readonly Buffer[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}

/** The reverse of `packBatch`; throws for any other octets. */
export function unpackBatch(packed: Buffer): UnpackedItem[] {
  const items: UnpackedItem[] = [];
  for (let at = 0; at < packed.length;) {
    const json = at + 2;
    const length = json + packed.readUInt16BE(at);
    const headers: unknown = JSON.parse(packed.toString('utf8', json, length));
    const content = length + 4;
    at = content + packed.readUInt32BE(length);
    if (at > packed.length) throw new RangeError('A message of the batch is cut off');
    if (typeof headers !== 'object' || headers === null) throw new TypeError('No headers');
    items.push({ headers: { ...headers }, content: packed.subarray(content, at) });
  }
  return items;
}
