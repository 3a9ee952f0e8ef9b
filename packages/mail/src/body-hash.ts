import { createHash } from 'node:crypto';

/** SHA-256 over the relaxed form of a body (RFC 6376 3.4.4), computed while the body is streamed. */
export interface RelaxedBodyHash {
  update(chunk: Buffer): void;
  /** Base64, as in `bh=`. */
  digest(): string;
}

const space = 0x20;
const tab = 0x09;
const cr = 0x0d;
const lf = 0x0a;
const isWhite = (octet: number | undefined) =>
  octet === space || octet === tab || octet === cr || octet === lf;

const lineEnds = Buffer.from('\r\n'.repeat(1024));

/**
 * White space at the end of lines is removed, runs of it become one space, empty lines at the end are
 * removed. Most mail needs none of that, so each chunk is first searched for such places and usually hashed
 * unchanged. White space at either end of a chunk is kept until the next octets are known.
 */
export function createRelaxedBodyHash(): RelaxedBodyHash {
  const hash = createHash('sha256');
  let empty = true;
  let heldLines = 0;
  let heldSpace = false;

  function hold(white: Buffer): void {
    for (const octet of white) {
      if (octet === lf) {
        heldLines += 1;
        heldSpace = false;
      } else if (octet !== cr) {
        heldSpace = true;
      }
    }
  }

  function release(): void {
    for (; heldLines > 0; heldLines -= Math.min(heldLines, 1024)) {
      hash.update(lineEnds.subarray(0, Math.min(heldLines, 1024) * 2));
    }
    if (heldSpace) hash.update(' ');
    heldSpace = false;
    empty = false;
  }

  return {
    update(chunk) {
      let start = 0;
      while (start < chunk.length && isWhite(chunk[start])) start += 1;
      hold(chunk.subarray(0, start));
      if (start === chunk.length) return;
      release();
      let end = chunk.length;
      while (isWhite(chunk[end - 1])) end -= 1;
      hash.update(relaxed(chunk.subarray(start, end)));
      hold(chunk.subarray(end));
    },
    digest() {
      // A body that is not empty ends with one CRLF; an empty one has none (RFC 6376 3.4.4).
      if (!empty) hash.update('\r\n');
      return hash.digest('base64');
    },
  };
}

/** Neither starts nor ends with white space. */
function relaxed(text: Buffer): Buffer {
  if (!text.includes('  ') && !text.includes('\t') && !text.includes(' \r\n')) return text;
  const changed = text
    .toString('latin1')
    .replaceAll(/[ \t]{2,}|\t/g, ' ')
    .replaceAll(' \r\n', '\r\n');
  return Buffer.from(changed, 'latin1');
}
