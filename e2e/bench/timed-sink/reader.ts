const endOfMessage = Buffer.from('\r\n.\r\n');
/** Enough for the header section of a message of the client, with what a relay adds. */
const headerSize = 4_096;

interface Handlers {
  /** A command without its line end. Returns true if a message follows (354). */
  command(line: string): boolean;
  /** The end of a message, with its first octets. */
  message(start: string): void;
}

/** Divides the octets of a client into commands and messages; returns the function that takes them. */
export function createReader({ command, message }: Handlers): (chunk: Buffer) => void {
  /** Octets of an incomplete command, or the last ones of the message. */
  let rest = Buffer.alloc(0);
  /** The first octets of the message that is being read. */
  let start: string | undefined;

  function takeCommand(octets: Buffer): Buffer | undefined {
    const end = octets.indexOf('\r\n');
    if (end === -1) return undefined;
    if (command(octets.toString('latin1', 0, end))) start = '';
    return octets.subarray(end + 2);
  }

  /** `fresh`: the position of the first octet that was not looked at before. */
  function takeMessage(octets: Buffer, fresh: number): Buffer | undefined {
    const end = octets.indexOf(endOfMessage);
    if (start !== undefined && start.length < headerSize) {
      start += octets.toString('latin1', fresh, Math.min(octets.length, headerSize));
    }
    if (end === -1) return undefined;
    message(start ?? '');
    start = undefined;
    return octets.subarray(end + endOfMessage.length);
  }

  return (chunk) => {
    let octets = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let fresh = start === undefined ? 0 : rest.length;
    rest = Buffer.alloc(0);
    while (octets.length > 0) {
      const isMessage = start !== undefined;
      const left = isMessage ? takeMessage(octets, fresh) : takeCommand(octets);
      fresh = 0;
      if (left === undefined) {
        // The last four octets of a message may begin its end. A copy, because the buffer is reused.
        rest = Buffer.from(isMessage ? octets.subarray(Math.max(octets.length - 4, 0)) : octets);
        return;
      }
      octets = left;
    }
  };
}
