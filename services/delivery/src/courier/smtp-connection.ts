import SMTPConnection from 'nodemailer/lib/smtp-connection';

/** What we use of nodemailer's connection beyond its documented face; pinned by a test. */
interface Internals {
  /** Extensions of the last EHLO that counts. */
  readonly _supportedExtensions: readonly string[];
  _sendCommand(command: string, shown?: string): void;
  _createSendStream(done: unknown): { once(event: 'end', listener: () => void): void };
}

export interface RelayConnection {
  readonly smtp: SMTPConnection;
  supports(extension: 'SMTPUTF8' | '8BITMIME'): boolean;
  /** Whether the next MAIL FROM declares SMTPUTF8 also where the addresses are ASCII. */
  declareUtf8(next: boolean): void;
}

/**
 * nodemailer's connection with two things it lacks: SMTPUTF8 for a message whose header needs it
 * although its addresses do not (RFC 6531 3.4), and the moment when the final dot has been sent.
 */
export function createRelayConnection(
  options: SMTPConnection.Options,
  onFinalDot: () => void,
): RelayConnection {
  const smtp = new SMTPConnection(options);
  const inner = smtp as unknown as Internals;
  let utf8 = false;

  const sendCommand = inner._sendCommand.bind(smtp);
  inner._sendCommand = (command, shown) => {
    // Where an address is not ASCII nodemailer has declared it already.
    const declare = utf8 && command.startsWith('MAIL FROM:') && !/> .*\bSMTPUTF8\b/.test(command);
    sendCommand(declare ? `${command} SMTPUTF8` : command, shown);
  };

  const createSendStream = inner._createSendStream.bind(smtp);
  inner._createSendStream = (done) => {
    const stream = createSendStream(done);
    stream.once('end', onFinalDot);
    return stream;
  };

  return {
    smtp,
    supports: (extension) => inner._supportedExtensions.includes(extension),
    declareUtf8(next) {
      utf8 = next;
    },
  };
}
