/** A line without its CRLF, or one piece of a line that is too long for memory. */
export interface Piece {
  readonly octets: Buffer;
  /** It begins a line. */
  readonly isStart: boolean;
  /** A CRLF follows it. */
  readonly isEnd: boolean;
}

/**
 * Long lines are cut at multiples of this, independently of the chunks, so that the output is always the
 * same.
 */
const pieceLength = 8_192;
const crlf = Buffer.from('\r\n');
const cr = 0x0d;

/** Returns the lines of octets in arbitrary chunks. Only CRLF ends a line. */
export function createLineReader(take: (piece: Piece) => void): {
  push(chunk: Buffer): void;
  /** Returns the octets after the last CRLF. */
  finish(): void;
} {
  let held = Buffer.alloc(0);
  let isStart = true;

  function give(octets: Buffer, isEnd: boolean): void {
    take({ octets, isStart, isEnd });
    isStart = isEnd;
  }

  /** Returns full pieces; the remaining octets may be the last piece of the line. */
  function cut(octets: Buffer): Buffer {
    let at = 0;
    for (; octets.length - at > pieceLength; at += pieceLength) {
      give(octets.subarray(at, at + pieceLength), false);
    }
    return octets.subarray(at);
  }

  return {
    push(chunk) {
      const octets = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      let at = 0;
      for (let end = octets.indexOf(crlf); end !== -1; end = octets.indexOf(crlf, at)) {
        give(cut(octets.subarray(at, end)), true);
        at = end + crlf.length;
      }
      // A CR at the end may be half of a CRLF, so the last piece is kept until at least one more octet
      // arrives.
      const rest = octets.subarray(at);
      const mayEnd = rest.at(-1) === cr ? 1 : 0;
      const last = cut(rest.subarray(0, rest.length - mayEnd));
      // A copy, because the octets belong to a larger buffer, which would stay in memory with them.
      held = Buffer.from(rest.subarray(rest.length - mayEnd - last.length));
    },
    finish() {
      if (held.length > 0) give(held, false);
    },
  };
}

/** In linear time, unlike a pattern. */
export function withoutTrailingSpace(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return text.slice(0, end);
}
