import { parseEnhancedCode } from '@mysmtp/mail';

/** A reply of the server (RFC 5321 4.2). */
export interface Reply {
  readonly code: number;
  readonly enhancedCode: string | null;
  /** The text of each line, without the code. */
  readonly lines: readonly string[];
  /** The whole reply unchanged, its lines separated by LF. */
  readonly text: string;
}

/** Octets that are no reply. Later octets cannot be attributed to a command. */
export interface Unreadable {
  readonly code: null;
  readonly why: 'no_code' | 'codes_differ' | 'line_too_long' | 'reply_too_long';
}

export interface ReplyParser {
  /**
   * Takes the next octets and returns the completed replies. After an `Unreadable` it returns nothing more.
   */
  push(octets: Buffer): (Reply | Unreadable)[];
}

/** RFC 5321 4.5.3.1.5 allows 512 octets. Servers that explain a policy send more. */
export const longestLine = 4_096;
export const longestReply = 16_384;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const nothing = Buffer.alloc(0);

/**
 * Three digits, the first from 2 to 5, and no fourth digit. The code counts whatever follows it: "550: No
 * such user" is a 550 (RFC 5321 4.2: a client acts on the code only).
 */
const coded = /^[2-5]\d\d(?!\d)/;

/** Reads replies from octets in arbitrary chunks. */
export function createReplyParser(): ReplyParser {
  /** The beginning of an incomplete line. */
  let rest: Buffer = nothing;
  /** The lines of an incomplete reply. */
  let lines: string[] = [];
  let size = 0;
  let isReadable = true;

  /** The line from `start` to the line feed at `end`. */
  function readLine(octets: Buffer, start: number, end: number): Reply | Unreadable | undefined {
    if (end - start > longestLine) return unreadable('line_too_long');
    size += end - start;
    if (size > longestReply) return unreadable('reply_too_long');
    let last = end;
    while (octets[last - 1] === carriageReturn && last > start) last -= 1;
    const line = octets.toString('utf8', start, last);
    if (!coded.test(line)) return unreadable('no_code');
    // Some servers change the code within one reply. If even the class differs, the reply is unreadable.
    if (lines[0] !== undefined && lines[0][0] !== line[0]) return unreadable('codes_differ');
    lines.push(line);
    if (line[3] === '-') return undefined;
    const reply = replyOf(Number(line.slice(0, 3)), lines);
    lines = [];
    size = 0;
    return reply;
  }

  function unreadable(why: Unreadable['why']): Unreadable {
    isReadable = false;
    return { code: null, why };
  }

  return {
    push(octets) {
      const found: (Reply | Unreadable)[] = [];
      if (!isReadable) return found;
      const all = rest.length === 0 ? octets : Buffer.concat([rest, octets]);
      let start = 0;
      for (let end = all.indexOf(lineFeed); end !== -1; end = all.indexOf(lineFeed, start)) {
        const read = readLine(all, start, end);
        if (read !== undefined) found.push(read);
        if (read?.code === null) return found;
        start = end + 1;
      }
      if (all.length - start > longestLine) found.push(unreadable('line_too_long'));
      // A copy, because the octets belong to a larger buffer, which would stay in memory with them.
      rest = start === all.length ? nothing : Buffer.from(all.subarray(start));
      return found;
    },
  };
}

function replyOf(code: number, lines: readonly string[]): Reply {
  const texts = lines.map((line) => line.slice(3).replace(/^[^\p{L}\p{N}]?[ \t]*/u, ''));
  return {
    code,
    enhancedCode: parseEnhancedCode(texts[0] ?? ''),
    lines: texts,
    text: lines.join('\n'),
  };
}
