import { isAscii } from 'node:buffer';
import { asciiField, isSevenBit } from '../ascii-header.ts';
import { lineLimit } from '../message-reader.ts';
import type { HeaderField } from '../header.ts';
import {
  base64Lines,
  createBase64Encoder,
  mendQuotedPrintable,
  quotedPrintable,
  softLineBreak,
  type Base64Encoder,
} from './encoders.ts';
import type { Entity } from './entity.ts';
import { CannotRecode } from './refusal.ts';
import type { Scan } from './scan.ts';
import { createMimeWalker, type Visitor } from './walker.ts';

/** How a text is written. `mend`: it has the right encoding already, and some octets outside it. */
type Method = 'copy' | 'quoted-printable' | 'base64' | 'mend';

/**
 * Writes the message in 7-bit while it is pushed, piece by piece; the first piece is its header with the
 * empty line. The output does not depend on how the input is cut.
 */
export function createSevenBitWriter(
  scan: Scan,
  write: (octets: Buffer) => void,
): { push(chunk: Buffer): void; finish(): void } {
  let base64: Base64Encoder | undefined;

  const methodOf = ({ index, kind, encoding }: Entity): Method => {
    if (scan[index]?.needsEncoding !== true) return 'copy';
    // Readers do not decode a preamble or an epilogue, but this keeps them readable.
    if (kind === 'multipart') return 'quoted-printable';
    if (encoding === 'quoted-printable' || encoding === 'base64') return 'mend';
    return kind === 'text' ? 'quoted-printable' : 'base64';
  };
  const writeText = (text: string): void => {
    if (text !== '') write(Buffer.from(text, 'latin1'));
  };
  const endBase64 = (): void => {
    if (base64 !== undefined) writeText(base64.finish());
    base64 = undefined;
  };

  const visitor: Visitor = {
    header(entity, end) {
      const method = entity.kind === 'multipart' ? 'copy' : methodOf(entity);
      write(Buffer.from(headerOf(entity, method, scan) + end, 'latin1'));
      if (method === 'base64') base64 = createBase64Encoder();
    },
    text(entity, octets, isStart) {
      switch (methodOf(entity)) {
        case 'copy':
          write(octets);
          return;
        case 'base64':
          base64?.push(octets);
          writeText(base64?.take() ?? '');
          return;
        case 'quoted-printable':
          writeText((isStart ? '' : softLineBreak) + quotedPrintable(octets));
          return;
        case 'mend':
          writeText(mended(entity, octets, isStart));
      }
    },
    lineBreak(entity) {
      if (methodOf(entity) === 'base64') base64?.push(crlf);
      else write(crlf);
    },
    withoutParts: () => undefined,
    delimiter(octets) {
      endBase64();
      write(octets);
    },
  };

  const walker = createMimeWalker(visitor);
  return {
    push: (chunk) => walker.push(chunk),
    finish() {
      walker.finish();
      if (base64 === undefined) return;
      endBase64();
      write(crlf);
    },
  };
}

const crlf = Buffer.from('\r\n');

function mended({ encoding }: Entity, octets: Buffer, isStart: boolean): string {
  const isFit = isAscii(octets) && octets.length <= lineLimit;
  if (encoding === 'base64') {
    const lines = isFit ? octets.toString('latin1') : base64Lines(octets.toString('latin1'));
    return isStart ? lines : `\r\n${lines}`;
  }
  // The cut may be within an encoded octet.
  if (!isStart) throw new CannotRecode('encoding');
  return isFit ? octets.toString('latin1') : mendQuotedPrintable(octets);
}

/** The header, octet for octet if nothing in it must change. */
function headerOf(entity: Entity, method: Method, scan: Scan): string {
  const { fields, header } = entity;
  if (fields === undefined) return header.toString('latin1');
  // No body follows a header that ends with the message.
  const isCutOff = fields.at(-1)?.raw.endsWith('\r\n') === false;
  const encoding = isCutOff ? undefined : newEncoding(entity, method);
  const written = fields.map((field) => {
    if (field.name !== 'content-transfer-encoding' || encoding === undefined) return asciiOf(field);
    return encodingField(encoding);
  });
  if (encoding !== undefined) {
    const has = (name: string) => fields.some((field) => field.name === name);
    if (!has('content-transfer-encoding')) written.push(encodingField(encoding));
    if (!has('content-type') && entity.kind === 'text') {
      // RFC 1428 3 for an unknown charset; octets that are valid UTF-8 are UTF-8.
      const charset = scan[entity.index]?.isUtf8 === true ? 'utf-8' : 'unknown-8bit';
      written.push(`Content-Type: text/plain; charset=${charset}\r\n`);
    }
    if (entity.isMessage && !has('mime-version')) written.push('MIME-Version: 1.0\r\n');
  }
  return written.join('');
}

const encodingField = (encoding: string) => `Content-Transfer-Encoding: ${encoding}\r\n`;

/** The new Content-Transfer-Encoding; `undefined` if it does not change. */
function newEncoding({ encoding, isSigned }: Entity, method: Method): string | undefined {
  if (method === 'quoted-printable' || method === 'base64') return method;
  // The output contains no 8-bit octets (RFC 2045 6.2), but a signed header is not changed.
  const isEightBit = encoding === '8bit' || encoding === 'binary';
  return isEightBit && !isSigned ? '7bit' : undefined;
}

function asciiOf(field: HeaderField): string {
  if (isSevenBit(field.raw)) return field.raw;
  const ascii = asciiField(field);
  if (typeof ascii !== 'string' || !isSevenBit(ascii)) throw new CannotRecode('header');
  // A field that ends with the message stays a field.
  return field.raw.endsWith('\r\n') ? ascii : ascii.trimEnd();
}
