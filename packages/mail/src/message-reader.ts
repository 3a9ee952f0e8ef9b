import { isAscii } from 'node:buffer';
import { type Reply, replies } from './replies.ts';

/** Octets of a line without its CRLF (RFC 5321 4.5.3.1.6). */
export const lineLimit = 998;
export const headerLimit = 256 * 1024;

/** Reads a message once, as a stream: finds its header and refuses content that must not be relayed. */
export interface MessageReader {
  /** Takes the next octets. Returns those of the body, once the header is complete. */
  push(chunk: Buffer): Buffer | undefined;
  /** Ends the message. A message without an empty line is all header. */
  finish(): void;
  /** The header block with the line end of its last field, as soon as it is complete. */
  header(): Buffer | undefined;
  /** The reason why the message is refused. Later octets do not change it. */
  problem(): Reply | undefined;
  /** True once the body has contained an octet above 127 (RFC 6152). */
  isEightBit(): boolean;
}

/**
 * With bare CR, bare LF and NUL a second message can be smuggled past a server that interprets line ends
 * differently, so they are refused everywhere. Overlong lines are refused in the body; those of the header
 * can be folded. The search uses the engine's own `indexOf`: two calls per line cost less than a loop over
 * the octets.
 */
export function createMessageReader(): MessageReader {
  let problem: Reply | undefined;
  let eightBit = false;
  let endedInCr = false;
  let lineLength = 0;
  let header: Buffer | undefined;
  let held: Buffer[] = [];
  let heldLength = 0;
  // The last octets before the next chunk. A message that starts with an empty line has no header.
  let seam = Buffer.from('\r\n');

  function checkLines(chunk: Buffer, limit: number): Reply | undefined {
    if (chunk.includes(0)) return replies.nul;
    const text = chunk.toString('latin1');
    let at = 0;
    if (endedInCr) {
      if (chunk[0] !== 0x0a) return replies.bareCr;
      at = 1;
      lineLength = 0;
    }
    endedInCr = false;
    for (;;) {
      const cr = text.indexOf('\r', at);
      const lf = text.indexOf('\n', at);
      if (lf === -1 && cr !== -1 && cr !== text.length - 1) return replies.bareCr;
      if (lf !== -1 && (cr === -1 || cr > lf)) return replies.bareLf;
      if (lf !== -1 && cr < lf - 1) return replies.bareCr;
      lineLength += (cr === -1 ? text.length : cr) - at;
      if (lineLength > limit) return replies.lineTooLong;
      if (lf === -1) {
        endedInCr = cr !== -1;
        return undefined;
      }
      lineLength = 0;
      at = lf + 1;
    }
  }

  /** Adds to the header until its end is found; returns the octets after it. */
  function takeHeader(chunk: Buffer): Buffer | undefined {
    const end = findEnd(seam, chunk);
    problem = checkLines(end === undefined ? chunk : chunk.subarray(0, end + 4), headerLimit);
    if (problem !== undefined) return undefined;
    held.push(chunk);
    if (end === undefined) {
      heldLength += chunk.length;
      seam = Buffer.concat([seam, chunk.subarray(-3)]).subarray(-3);
      if (heldLength > headerLimit) problem = replies.headerTooBig;
      return undefined;
    }
    close((held.length === 1 ? chunk : Buffer.concat(held)).subarray(0, heldLength + end + 2));
    return takeBody(chunk.subarray(end + 4));
  }

  function takeBody(chunk: Buffer): Buffer | undefined {
    problem ??= checkLines(chunk, lineLimit);
    if (problem !== undefined || chunk.length === 0) return undefined;
    if (!eightBit && !isAscii(chunk)) eightBit = true;
    return chunk;
  }

  function close(block: Buffer): void {
    held = [];
    if (block.length > headerLimit) problem = replies.headerTooBig;
    else header = block;
  }

  return {
    push(chunk) {
      if (problem !== undefined || chunk.length === 0) return undefined;
      return header === undefined ? takeHeader(chunk) : takeBody(chunk);
    },
    finish() {
      if (problem !== undefined) return;
      // Only a client that ends DATA without a line end can reach this (RFC 5321 4.1.1.4 does not allow it).
      if (endedInCr) problem = replies.bareCr;
      else if (header === undefined) close(Buffer.concat(held));
    },
    header: () => header,
    problem: () => problem,
    isEightBit: () => eightBit,
  };
}

const endOfHeader = '\r\n\r\n';

/**
 * The start of the header's end, relative to the chunk's first octet: negative if it began in the previous
 * chunk.
 */
function findEnd(seam: Buffer, chunk: Buffer): number | undefined {
  const across = Buffer.concat([seam, chunk.subarray(0, 3)]).indexOf(endOfHeader);
  if (across !== -1) return across - seam.length;
  const within = chunk.indexOf(endOfHeader);
  return within === -1 ? undefined : within;
}
