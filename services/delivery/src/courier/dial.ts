import { lookup } from 'node:dns/promises';
import { isIPv6, type Socket } from 'node:net';
import mxConnect from 'mx-connect';
import type { MailResolver } from '../routing/lookup.ts';
import type { Site } from '../routing/site.ts';
import { openSession } from './open-session.ts';
import { SessionError, type Session, type SessionTimes } from './session.ts';

export interface DialSettings extends SessionTimes {
  /** How long one address may take to connect. */
  readonly connectTimeout: number;
  /** Our name in EHLO. */
  readonly ehloName: string;
  readonly dns: MailResolver;
  /** Also to loopback, private and link-local addresses. */
  readonly privateMx: boolean;
}

/** So many addresses may connect without opening a session before the site counts as down. */
const mostRefusals = 4;

/** Opens a session to the first host of the site that gives one, in the order of preference. */
export async function dial(
  settings: DialSettings,
  site: Site,
  giveUp: AbortSignal,
): Promise<Session> {
  const refusing: string[] = [];
  let last: unknown;
  while (refusing.length < mostRefusals) {
    giveUp.throwIfAborted();
    const connection = await connect(settings, site, refusing, last);
    try {
      return await greet(settings, site, connection, giveUp);
    } catch (error) {
      last = error;
      refusing.push(connection.host);
    }
  }
  throw last;
}

interface Connection {
  readonly socket: Socket;
  readonly hostname: string;
  readonly host: string;
}

function connect(
  { connectTimeout, dns, privateMx }: DialSettings,
  site: Site,
  refusing: readonly string[],
  last: unknown,
): Promise<Connection> {
  return mxConnect({
    target: site.hosts[0]?.exchange ?? '',
    mx: shuffled(site.hosts).map(({ exchange, priority }) => ({ exchange, priority })),
    port: site.port,
    maxConnectTime: connectTimeout,
    ignoreMXHosts: refusing,
    // What it throws where no address is left.
    mxLastError: last instanceof Error ? last : undefined,
    dnsOptions: {
      // A domain's MX may point anywhere: without this, mail would reach into our own network.
      blockLocalAddresses: !privateMx && !site.smarthost,
      resolveRecords: site.smarthost ? systemLookup : (name, type) => resolve(dns, name, type),
    },
  });
}

/** Encrypted where offered; once more without where encrypting fails (RFC 7435: better than no mail). */
async function greet(
  settings: DialSettings,
  site: Site,
  connection: Connection,
  giveUp: AbortSignal,
): Promise<Session> {
  const options = { host: connection.hostname, name: settings.ehloName, times: settings };
  try {
    return await open({ ...options, socket: connection.socket, tls: true }, giveUp);
  } catch (error) {
    if (!(error instanceof SessionError) || !error.tls) throw error;
    giveUp.throwIfAborted();
    const again = await connect(settings, only(site, connection), [], error);
    return open({ ...options, socket: again.socket, tls: false }, giveUp);
  }
}

/** A server that answers slowly is cut off once nobody waits for the session any more. */
async function open(
  options: Parameters<typeof openSession>[0],
  giveUp: AbortSignal,
): Promise<Session> {
  const cut = (): void => void options.socket.destroy(new Error('Given up'));
  if (giveUp.aborted) cut();
  giveUp.addEventListener('abort', cut);
  try {
    return await openSession(options);
  } finally {
    giveUp.removeEventListener('abort', cut);
  }
}

const only = (site: Site, { host }: Connection): Site => ({
  ...site,
  hosts: [{ exchange: host, priority: 0 }],
});

/** Hosts of one preference are tried in random order (RFC 5321 5.1); mx-connect sorts by preference. */
function shuffled<T>(hosts: readonly T[]): T[] {
  return hosts
    .map((host) => ({ host, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ host }) => host);
}

const resolve = (dns: MailResolver, name: string, type: 'A' | 'AAAA'): Promise<string[]> =>
  type === 'A' ? dns.resolve4(name) : dns.resolve6(name);

/** The operator names the smarthost, perhaps in /etc/hosts or by a cluster's short name. */
async function systemLookup(name: string, type: 'A' | 'AAAA'): Promise<string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address).filter((a) => isIPv6(a) === (type === 'AAAA'));
}
