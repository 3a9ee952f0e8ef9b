import {
  connect,
  openSession,
  rfcTimeouts,
  SessionFailure,
  type Session,
  type Timeouts,
} from '@mysmtp/smtp-client';
import type { MailResolver } from '../routing/lookup.ts';
import type { MailHost, Site } from '../routing/site.ts';
import { failureOf, isConnected, refusesAllMail, type DialFailure } from './failure.ts';
import { createSearch } from './search.ts';
import { createOpportunisticTls } from './tls.ts';

export type { DialFailure } from './failure.ts';

/** A session with a host of a site. */
export interface Connection {
  /** The name of the MX host, for the details of the attempt. */
  readonly host: string;
  readonly session: Session;
}

/** No host of the site gave a session. */
export class NotConnected extends Error {
  readonly failure: DialFailure;

  constructor(failure: DialFailure) {
    super('No host of the site gave a session');
    this.name = 'NotConnected';
    this.failure = failure;
  }
}

/** Opens a session with a site; `signal` ends the attempt. Rejects with `NotConnected`. */
export type Dial = (site: Site, signal: AbortSignal) => Promise<Connection>;

/** Times are in milliseconds. */
export interface DialDeps {
  /** Our name in EHLO. */
  readonly ehloName: string;
  /** Addresses that are not on the internet may be dialled too. */
  readonly privateMx: boolean;
  readonly connectTimeout: number;
  readonly greetingTimeout: number;
  readonly commandTimeout: number;
  readonly finalReplyTimeout: number;
  readonly transactionTimeout: number;
  readonly dns: MailResolver;
}

/** A domain may have any number of addresses. RFC 5321 5.1 recommends to try at least two. */
const mostAddresses = 20;
/** How many addresses may accept a connection without giving a session. */
const mostRefusals = 4;

/** Hosts are tried by preference, one address after the other, because mail is not urgent. */
export function createDial(deps: DialDeps): Dial {
  const { ehloName: name } = deps;
  const timeouts = timeoutsOf(deps);
  const tls = createOpportunisticTls();

  /** Over TLS if it works, else in clear. Rejects with a `SessionFailure`. */
  async function open(
    host: string,
    address: string,
    port: number,
    signal: AbortSignal,
  ): Promise<Session> {
    let failed: unknown;
    for (const use of tls.usesFor(host)) {
      const socket = await connect({ address, port, timeouts, signal });
      try {
        return await openSession({ socket, name, tls: use, timeouts, signal });
      } catch (error) {
        failed = error;
        if (!(error instanceof SessionFailure && error.isTls)) break;
      }
    }
    throw failed;
  }

  return async (site, signal) => {
    const search = createSearch(deps, site, signal);
    const failures: SessionFailure[] = [];
    let isComplete = true;

    /** Whether another address may be tried. Called only if there is another one. */
    function mayGoOn(): boolean {
      const refusals = failures.filter(isConnected).length;
      isComplete = !signal.aborted && failures.length < mostAddresses && refusals < mostRefusals;
      return isComplete;
    }

    async function tryHost(host: string): Promise<Session | undefined> {
      for await (const address of search.addressesOf(host)) {
        if (!mayGoOn()) return undefined;
        try {
          return await open(host, address, site.port, signal);
        } catch (error) {
          if (!(error instanceof SessionFailure)) throw error;
          // An abort by us is not a failure of the server.
          if (!signal.aborted) failures.push(error);
          // The refusal is valid for all addresses of the host.
          if (refusesAllMail(error)) return undefined;
        }
      }
      return undefined;
    }

    for (const { exchange: host } of inOrder(site.hosts)) {
      if (!mayGoOn()) break;
      const session = await tryHost(host);
      if (session !== undefined) return { host, session };
    }
    throw new NotConnected(
      failureOf({
        failures,
        isComplete: isComplete && !signal.aborted,
        isDnsFailed: search.hasFailed(),
        isRefused: search.hasRefused(),
        smarthost: site.smarthost,
      }),
    );
  };
}

/** By preference; hosts with the same preference in random order (RFC 5321 5.1). */
function inOrder(hosts: readonly MailHost[]): MailHost[] {
  return hosts
    .map((host) => ({ host, position: Math.random() }))
    .sort((a, b) => a.host.priority - b.host.priority || a.position - b.position)
    .map(({ host }) => host);
}

/** They apply to the messages that are sent over the session later too. */
function timeoutsOf(deps: DialDeps): Timeouts {
  const { commandTimeout: command } = deps;
  return {
    connect: deps.connectTimeout,
    greeting: deps.greetingTimeout,
    ehlo: command,
    helo: command,
    starttls: command,
    tls: Math.min(command, rfcTimeouts.tls),
    rset: command,
    mail: command,
    rcpt: command,
    data: command,
    content: command,
    final_dot: deps.finalReplyTimeout,
    quit: Math.min(command, rfcTimeouts.quit),
    attempt: deps.transactionTimeout,
  };
}
