import { isIP, connect as connectTcp, type Socket } from 'node:net';
import { capabilitiesOf, noCapabilities, type Capabilities } from './capabilities.ts';
import { ChannelEnded, createChannel, type Channel } from './channel.ts';
import { failureOfReply, isPositive, ownFailure, SessionFailure, type Stage } from './failure.ts';
import type { Reply } from './reply-parser.ts';
import { follow, handshakeOptions, type Security, type TlsUse } from './security.ts';
import { createSession, type Session } from './session.ts';
import { rfcTimeouts, type Timeouts } from './timeouts.ts';

/** Connects to an address; the caller resolves names. Rejects with a `SessionFailure`. */
export function connect(options: {
  readonly address: string;
  readonly port: number;
  /** The local address of the connection. */
  readonly localAddress?: string;
  readonly timeouts?: Timeouts;
  readonly signal?: AbortSignal;
}): Promise<Socket> {
  const { address, port, localAddress, timeouts = rfcTimeouts, signal } = options;
  if (isIP(address) === 0) throw new TypeError('The address must be an IP address');
  return new Promise((resolve, reject) => {
    const socket = connectTcp({
      host: address,
      port,
      noDelay: true,
      ...(localAddress && { localAddress }),
    });
    const give = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const fail = (reason: 'timeout' | 'aborted' | 'lost', cause?: unknown): void =>
      give(() => {
        socket.destroy();
        reject(new SessionFailure(ownFailure('connect', reason, noConnection[reason]), cause));
      });
    const refuse = (error: Error): void => fail('lost', error);
    const abort = (): void => fail('aborted');
    const timer = setTimeout(() => fail('timeout'), timeouts.connect);
    signal?.addEventListener('abort', abort);
    // Not removed, because an error before the session listens would end the process.
    socket.on('error', refuse);
    socket.once('connect', () => give(() => resolve(socket)));
    if (signal?.aborted === true) abort();
  });
}

/** RFC 3463 X.4.1: no answer from the host. */
const noConnection = {
  timeout: { enhancedCode: '4.4.1', text: 'The connection timed out' },
  lost: { enhancedCode: '4.4.1', text: 'No connection to the server' },
  aborted: {},
} as const;

export interface SessionOptions {
  /** Connected. The session owns it from now on. */
  readonly socket: Socket;
  /** Our name in EHLO (RFC 5321 4.1.1.1). */
  readonly name: string;
  readonly tls: TlsUse;
  /** Messages go with BDAT (RFC 3030) if the server offers it; otherwise, and by default, with DATA. */
  readonly bdat?: boolean;
  readonly timeouts?: Timeouts;
  /** Aborts the opening. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a session: greeting, EHLO, STARTTLS and EHLO again (RFC 3207 4.2: the capabilities in clear text are
 * discarded). Rejects with a `SessionFailure`; the socket is closed then.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { socket, name, tls, bdat = false, timeouts = rfcTimeouts, signal } = options;
  if (!/^[!-~]+$/.test(name)) throw new TypeError('The name for EHLO must be printable ASCII');
  const channel = createChannel(socket, timeouts);
  const endAttempt = channel.beginAttempt(signal);
  try {
    const greeting = await channel.reply('greeting');
    // 554 and 521 (RFC 7504): this host accepts no mail at all.
    if (greeting.code !== 220) throw refusal('greeting', greeting);
    let capabilities = await hello(channel, name);
    let security: Security = {
      tls: false,
      because: tls.use === 'never' ? tls.because : 'not_offered',
    };
    if (tls.use === 'always' && !capabilities.startTls) {
      throw new ChannelEnded(ownFailure('starttls', 'not_offered', withoutTls));
    }
    if (tls.use !== 'never' && capabilities.startTls) {
      channel.command(['STARTTLS']);
      const reply = await channel.reply('starttls');
      if (reply.code !== 220) throw refusal('starttls', reply);
      security = await channel.upgrade(handshakeOptions(tls), (secure) => follow(secure, tls));
      capabilities = await hello(channel, name);
    }
    endAttempt();
    return createSession(channel, capabilities, security, { bdat });
  } catch (error) {
    // After a refusal the server expects QUIT (RFC 5321 3.1). Its answer is not awaited.
    void channel.quit().finally(endAttempt);
    if (!(error instanceof ChannelEnded)) throw error;
    throw new SessionFailure(error.failure, error.cause);
  }
}

const withoutTls = { enhancedCode: '4.7.10', text: 'The server does not offer STARTTLS' };

function refusal(stage: Stage, reply: Reply): ChannelEnded {
  const failure = failureOfReply(stage, reply);
  // A TLS failure is never permanent: the caller may send without TLS, or try later.
  return new ChannelEnded(stage === 'starttls' ? { ...failure, permanent: false } : failure);
}

/** EHLO, or HELO if the server does not support EHLO (RFC 5321 3.2). Other refusals concern the client. */
async function hello(channel: Channel, name: string): Promise<Capabilities> {
  channel.command([`EHLO ${name}`]);
  const ehlo = await channel.reply('ehlo');
  if (isPositive(ehlo)) return capabilitiesOf(ehlo);
  if (![500, 502, 504].includes(ehlo.code)) throw refusal('ehlo', ehlo);
  channel.command([`HELO ${name}`]);
  const helo = await channel.reply('helo');
  if (!isPositive(helo)) throw refusal('helo', helo);
  return noCapabilities;
}
