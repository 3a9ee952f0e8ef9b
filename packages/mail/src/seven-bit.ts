import { createRelaxedBodyHash } from './body-hash.ts';
import { CannotRecode, type RefusalReason } from './seven-bit/refusal.ts';
import { createScanner, type Scan } from './seven-bit/scan.ts';
import { createSevenBitWriter } from './seven-bit/writer.ts';

/** A message without octets above 127 and without lines of more than 998 octets. */
export interface SevenBitMessage {
  /** Its header with the empty line after it. */
  readonly header: Buffer;
  /** For the signature (RFC 6376 3.4.4): the body hash of the original message is not valid for it. */
  readonly bodyHash: string;
  /** Octets. */
  readonly size: number;
  /** The whole message, created anew for each read. */
  stream(): AsyncGenerator<Buffer>;
}

/** The message cannot be recoded safely: it can only be returned, with 5.6.3. */
export interface SevenBitRefusal {
  readonly refusal: RefusalReason;
  /** A sentence for the sender. */
  readonly text: string;
}

/**
 * Recodes a message for a server without 8BITMIME (RFC 6152 3). Texts with octets above 127 become
 * quoted-printable, other parts base64, and headers of parts are written in ASCII. 7-bit content stays octet
 * for octet, and a signed part (RFC 1847 2.1) is never changed.
 *
 * `read` returns the message from its start: lines end with CRLF, and it has no bare CR or LF. `read` is
 * called twice, and once more for each stream, because the encoding of a part is known at its end and must be
 * written before its start. Errors of `read` are passed on.
 */
export async function toSevenBit(
  read: () => AsyncIterable<Buffer>,
): Promise<SevenBitMessage | SevenBitRefusal> {
  try {
    const scanner = createScanner();
    for await (const chunk of read()) scanner.push(chunk);
    const scan = scanner.finish();
    const hash = createRelaxedBodyHash();
    let header: Buffer | undefined;
    let size = 0;
    const writer = createSevenBitWriter(scan, (octets) => {
      size += octets.length;
      if (header === undefined) header = octets;
      else hash.update(octets);
    });
    for await (const chunk of read()) writer.push(chunk);
    writer.finish();
    const bodyHash = hash.digest();
    return {
      header: header ?? Buffer.alloc(0),
      bodyHash,
      size,
      stream: () => write(read(), scan),
    };
  } catch (error) {
    if (error instanceof CannotRecode) return { refusal: error.reason, text: error.message };
    throw error;
  }
}

async function* write(message: AsyncIterable<Buffer>, scan: Scan): AsyncGenerator<Buffer> {
  let written: Buffer[] = [];
  const writer = createSevenBitWriter(scan, (octets) => void written.push(octets));
  for await (const chunk of message) {
    writer.push(chunk);
    if (written.length === 0) continue;
    yield Buffer.concat(written);
    written = [];
  }
  writer.finish();
  if (written.length > 0) yield Buffer.concat(written);
}
