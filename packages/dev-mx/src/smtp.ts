import { once } from 'node:events';
import { withAsciiDomain } from '@mysmtp/mail';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Maildir } from './maildir.ts';
import { storeMail, type Envelope, type Incoming } from './store.ts';

export interface SmtpOptions {
  readonly address: string;
  readonly port: number;
  readonly maildir: Maildir;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Listener {
  close(): Promise<void>;
}

/** After SIGTERM a mail that is being stored gets its answer. Other open sessions get 421. */
const grace = 250;
const sizeLimit = 64 * 1024 * 1024;

/** An MX that accepts any mail for any recipient. */
export async function startSmtp(options: SmtpOptions): Promise<Listener> {
  const recipients = new WeakMap<SMTPServerSession, Set<string>>();
  const server: SMTPServer = new SMTPServer({
    name: 'localhost',
    cert: options.cert,
    key: options.key,
    logger: false,
    size: sizeLimit,
    rejectOversized: true,
    disabledCommands: ['AUTH', 'WIZ', 'SHELL'],
    hideENHANCEDSTATUSCODES: false,
    disableReverseLookup: true,
    // "any recipient" includes addresses that a strict reading of RFC 5321 refuses.
    lenientAddressParsing: true,
    socketTimeout: 5 * 60_000,
    closeTimeout: grace,
    onConnect: (_session, callback) => callback(),
    onMailFrom: (_address, session, callback) => {
      recipients.set(session, new Set());
      callback();
    },
    // smtp-server's own list folds case and would merge A@example.org and a@example.org; local parts are
    // case-sensitive for the receiver (RFC 5321 2.4).
    onRcptTo: ({ address }, session, callback) => {
      recipients.get(session)?.add(asOnTheWire(address));
      callback();
    },
    onData: (stream, session, callback) => {
      const { mailFrom } = session.envelope;
      const envelope = {
        from: mailFrom === false ? '' : asOnTheWire(mailFrom.address),
        to: [...(recipients.get(session) ?? [])],
      };
      void takeMail(options.maildir, envelope, stream, callback);
    },
  });
  // A broken connection is not an error of the MX.
  server.on('error', () => undefined);
  const listener = server.listen(options.port, options.address);
  await once(listener, 'listening');
  return {
    close: () =>
      new Promise((resolve) => {
        listener.once('close', resolve);
        server.close();
      }),
  };
}

async function takeMail(
  maildir: Maildir,
  envelope: Envelope,
  incoming: Incoming,
  answer: (refusal?: Error) => void,
): Promise<void> {
  try {
    await storeMail(maildir, envelope, incoming);
  } catch (error) {
    answer(refusal(error));
    return;
  }
  answer();
}

/** smtp-server turns A-labels into Unicode. This converts them back to A-labels (RFC 5890). */
function asOnTheWire(address: string): string {
  return withAsciiDomain(address) ?? address;
}

/** The sender disconnected during DATA, or exceeded the limit, which smtp-server itself answers with 552. */
const expected = new Set(['ECONNECTION', 'ERR_STREAM_PREMATURE_CLOSE', 'TOO_LARGE']);

function refusal(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (!expected.has(code)) {
    process.stderr.write(`mx: a mail could not be stored: ${code}\n`);
  }
  return Object.assign(new Error('the mail could not be stored, try again'), { responseCode: 451 });
}
