import { lookup } from 'node:dns/promises';
import { isIPv6, type Socket } from 'node:net';
import { openSession, SessionFailure, type Session, type TlsUse } from '@mysmtp/smtp-client';
import mxConnect from 'mx-connect';
import type { MailResolver } from '../routing/lookup.ts';
import type { Site } from '../routing/site.ts';

/** A session with a host of a site. */
export interface Connection {
  /** The name of the MX host. */
  readonly host: string;
  readonly session: Session;
}

/** Why no session could be had. It never names a host; it is in the server's own words if it spoke. */
export interface DialFailure {
  readonly text: string;
  readonly enhancedCode: string;
  /** Every host of the site refuses mail for good (RFC 7504), or none can exist. */
  readonly permanent: boolean;
}

export class NotConnected extends Error {
  readonly failure: DialFailure;

  constructor(failure: DialFailure, cause?: unknown) {
    super('No session could be opened', { cause });
    this.name = 'NotConnected';
    this.failure = failure;
  }
}

/** Opens a session. After the signal it dials no further address and breaks the connection it has. Rejects with a `NotConnected`. */
export type Dial = (site: Site, signal: AbortSignal) => Promise<Connection>;

export interface DialSettings {
  readonly connectTimeout: number;
  readonly greetingTimeout: number;
  readonly commandTimeout: number;
  readonly finalReplyTimeout: number;
  readonly transactionTimeout: number;
  readonly ehloName: string;
  readonly dns: MailResolver;
  readonly privateMx: boolean;
}

const mostRefusals = 4;

export function createDial(settings: DialSettings): Dial {
  return async (site, signal) => {
    const refusing: string[] = [];
    let last: unknown;
    try {
      while (refusing.length < mostRefusals) {
        signal.throwIfAborted();
        const connection = await connect(settings, site, refusing, last);
        try {
          return await greet(settings, site, connection, signal);
        } catch (error) {
          last = error;
          refusing.push(connection.host);
        }
      }
      throw last;
    } catch (error) {
      throw new NotConnected(describe(error), error);
    }
  };
}

function describe(error: unknown): DialFailure {
  if (error instanceof SessionFailure) {
    const { text, enhancedCode, code } = error.failure;
    if (code !== null) return { text, enhancedCode: '4.3.2', permanent: code === 521 };
    return { text: 'The server ended the connection before it was ready', enhancedCode: enhancedCode ?? '4.4.2', permanent: false };
  }
  const { code, category, message } = error as Error & { code?: string; category?: string };
  if (category === 'dns') {
    return { text: 'No address of the mail server could be found or used', enhancedCode: '4.4.3', permanent: false };
  }
  const timedOut = message.includes('timed out') ? 'timed out' : 'failed';
  return {
    text: `No connection: ${code === 'ECONNREFUSED' ? 'refused' : timedOut}`,
    enhancedCode: '4.4.1',
    permanent: false,
  };
}

interface Connected {
  readonly socket: Socket;
  readonly hostname: string;
  readonly host: string;
}

function connect(
  { connectTimeout, dns, privateMx }: DialSettings,
  site: Site,
  refusing: readonly string[],
  last: unknown,
): Promise<Connected> {
  return mxConnect({
    target: site.hosts[0]?.exchange ?? '',
    mx: site.hosts.map(({ exchange, priority }) => ({ exchange, priority })),
    port: site.port,
    maxConnectTime: connectTimeout,
    ignoreMXHosts: refusing,
    mxLastError: last instanceof Error ? last : undefined,
    dnsOptions: {
      blockLocalAddresses: !privateMx && !site.smarthost,
      resolveRecords: site.smarthost
        ? systemLookup
        : (name, type) => (type === 'A' ? dns.resolve4(name) : dns.resolve6(name)),
    },
  });
}

async function greet(
  settings: DialSettings,
  site: Site,
  connection: Connected,
  signal: AbortSignal,
): Promise<Connection> {
  const host = connection.hostname;
  const open = (socket: Socket, tls: TlsUse) =>
    openSession({ socket, name: settings.ehloName, tls, timeouts: timeoutsOf(settings), signal });
  try {
    return { host, session: await open(connection.socket, { use: 'if_offered', serverName: host }) };
  } catch (error) {
    if (!(error instanceof SessionFailure) || !error.isTls) throw error;
    const only = { ...site, hosts: [{ exchange: connection.host, priority: 0 }] };
    const again = await connect(settings, only, [], error);
    return { host, session: await open(again.socket, { use: 'never', because: 'tls_failed' }) };
  }
}

function timeoutsOf(settings: DialSettings) {
  const { commandTimeout: command } = settings;
  return {
    connect: settings.connectTimeout,
    greeting: settings.greetingTimeout,
    ehlo: command,
    helo: command,
    starttls: command,
    tls: command,
    rset: command,
    mail: command,
    rcpt: command,
    data: command,
    content: command,
    final_dot: settings.finalReplyTimeout,
    quit: 5_000,
    attempt: settings.transactionTimeout,
  };
}

async function systemLookup(name: string, type: 'A' | 'AAAA'): Promise<string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address).filter((a) => isIPv6(a) === (type === 'AAAA'));
}
