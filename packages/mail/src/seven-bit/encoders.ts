import { encode, wrap } from 'libqp';
import { hex } from '../encoded-words.ts';
import { withoutTrailingSpace } from './lines.ts';

/**
 * A line, or a piece of one, as quoted-printable (RFC 2045 6.7). Neither the line nor the text after a soft
 * line break begins with a hyphen, so that no new delimiter can appear.
 */
export const quotedPrintable = (octets: Buffer): string => wrap(encode(octets), softLength);

/**
 * Encodes the octets above 127 of a quoted-printable line, and each `=` that encodes nothing, because readers
 * differ on its meaning before an encoded octet. Encoded octets stay unchanged.
 */
export function mendQuotedPrintable(octets: Buffer): string {
  // White space at the end of a line does not belong to the text, and before a soft line break it would.
  const text = withoutTrailingSpace(octets.toString('latin1'))
    .replaceAll(/=(?![\dA-Fa-f]{2}|$)/g, '=3D')
    .replaceAll(/[\x80-\xff]/g, (octet) => `=${hex(octet)}`);
  return wrap(text, softLength);
}

/** One less than RFC 2045 6.7 allows: the `=` of a soft line break may follow. */
const softLength = 75;
export const softLineBreak = '=\r\n';

/** RFC 2045 6.8: no line is longer than 76 characters. */
export const base64Lines = (text: string): string => text.replaceAll(/.{76}(?=.)/g, '$&\r\n');

/** Base64 (RFC 2045 6.8) of a stream of octets, without a line end after the last line. */
export interface Base64Encoder {
  push(octets: Buffer): void;
  /** The lines that are complete so far. */
  take(): string;
  /** The remaining octets. */
  finish(): string;
}

/** Octets of a line of 76 characters. */
const lineOctets = 57;
/** Encoding many lines at once costs less than one by one. */
const batch = 256 * lineOctets;

export function createBase64Encoder(): Base64Encoder {
  let held: Buffer[] = [];
  let length = 0;
  let isFirst = true;

  function lines(octets: Buffer): string {
    if (octets.length === 0) return '';
    const before = isFirst ? '' : '\r\n';
    isFirst = false;
    return before + base64Lines(octets.toString('base64'));
  }

  return {
    push(octets) {
      held.push(octets);
      length += octets.length;
    },
    take() {
      if (length < batch) return '';
      const octets = Buffer.concat(held);
      const rest = octets.length % lineOctets;
      held = [octets.subarray(octets.length - rest)];
      length = rest;
      return lines(octets.subarray(0, octets.length - rest));
    },
    finish() {
      const octets = Buffer.concat(held);
      held = [];
      length = 0;
      return lines(octets);
    },
  };
}
