import { isAscii, isUtf8 } from 'node:buffer';
import { isSevenBit } from '../ascii-header.ts';
import { lineLimit } from '../message-reader.ts';
import type { Entity } from './entity.ts';
import { CannotRecode } from './refusal.ts';
import { createMimeWalker, type Visitor } from './walker.ts';

/** The properties of a text that must be known before its header is written. */
export interface TextProperties {
  /** It has octets above 127 or lines of more than 998 octets. */
  needsEncoding: boolean;
  isUtf8: boolean;
}

/** The properties of all entities, by index. */
export type Scan = readonly TextProperties[];

/** Reads a message once, as a stream. Throws a `CannotRecode`. */
export function createScanner(): { push(chunk: Buffer): void; finish(): Scan } {
  const texts: TextProperties[] = [];
  let lineLength = 0;

  const visitor: Visitor = {
    header(entity) {
      texts.push({ needsEncoding: false, isUtf8: true });
      if (isSevenBit(entity.header.toString('latin1'))) return;
      if (entity.isSigned) throw new CannotRecode('signed');
      if (entity.fields === undefined) throw new CannotRecode('header');
    },
    text(entity, octets, isStart) {
      lineLength = isStart ? octets.length : lineLength + octets.length;
      const isPlain = isAscii(octets);
      if (isPlain && lineLength <= lineLimit) return;
      mustBeEncodable(entity, isPlain);
      const known = texts[entity.index];
      if (known === undefined) return;
      known.needsEncoding = true;
      known.isUtf8 &&= isUtf8(octets);
    },
    withoutParts({ index }) {
      if (texts[index]?.needsEncoding === true) throw new CannotRecode('structure');
    },
    lineBreak: () => undefined,
    delimiter: () => undefined,
  };

  const walker = createMimeWalker(visitor);
  return {
    push: (chunk) => walker.push(chunk),
    finish() {
      walker.finish();
      return texts;
    },
  };
}

function mustBeEncodable({ isSigned, kind, encoding }: Entity, isPlain: boolean): void {
  if (isSigned) throw new CannotRecode('signed');
  if (kind === 'opaque') throw new CannotRecode('structure');
  // Octets that are not base64 have no meaning that could be preserved.
  if (encoding === 'base64' && !isPlain) throw new CannotRecode('encoding');
}
