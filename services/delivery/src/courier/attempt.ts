import type { WireOutcome } from '@mysmtp/contracts';
import { FencedError, NotCurrentError, type Gate } from '@mysmtp/erasure';
import type { Clock } from '@mysmtp/service';
import { SpoolUnavailable } from '../message/content.ts';
import type { Message } from '../message/message.ts';
import type { Group } from '../routing/router.ts';
import type { Site } from '../routing/site.ts';
import { SigningUnavailable, type Signer } from '../signing/signer.ts';
import type { NotDialled } from '../sites/pool.ts';
import type { Sites } from '../sites/sites.ts';
import { contentToSend } from './content-to-send.ts';
import type { Session, Transaction } from './session.ts';
import { addOutcome } from './wire-outcome.ts';
import {
  badAddress,
  needsEightBit,
  needsSmtpUtf8,
  ourVerdict,
  verdictOfNoRoute,
  verdictsOf,
  type Verdict,
} from './verdict.ts';

/** What came of one group of recipients. */
export type Report =
  | {
      readonly attempted: true;
      readonly at: number;
      readonly site: string | null;
      readonly tlsVersion: string | null;
      /** One for each place of the group. */
      readonly verdicts: readonly Verdict[];
      /** Where the site is known to be down: when somebody will look again. */
      readonly retryAt?: number;
    }
  | Postponed;

/** Nobody was dialled, for a reason that is not the message's: it does not count as an attempt. */
export interface Postponed {
  readonly attempted: false;
  readonly why: 'overflow' | 'stopping' | 'spool_unavailable' | 'signing_unavailable';
}

export interface Courier {
  /** Throws a `FencedError` where nothing may follow from it, a `NotCurrentError` where nothing was sent. */
  attempt(message: Message, group: Group): Promise<Report>;
  /** Ends what the sites have of a fenced tenant; counts what was on the wire, by recipient. */
  clear(tenant: string): Promise<WireOutcome>;
}

export interface CourierSettings {
  readonly sites: Sites;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly gate: Pick<Gate, 'closedFor' | 'isCurrent'>;
  /** How long what is on the wire may take after a fence. Milliseconds. */
  readonly wireGrace: number;
}

export function createCourier(settings: CourierSettings): Courier {
  const { sites, signer, clock, gate } = settings;
  /** What has come back from the wire since the fence, by tenant. */
  const clearing = new Map<string, WireOutcome>();

  /** Asked before the wait for a connection, which may be long, and after it. */
  function checkGate(tenant: string): void {
    if (gate.closedFor(tenant) !== undefined) throw new FencedError();
    if (!gate.isCurrent()) throw new NotCurrentError();
  }

  async function attempt(message: Message, group: Group): Promise<Report> {
    if ('failure' in group) {
      const verdict = verdictOfNoRoute(group.failure);
      return withoutSession(group, verdict);
    }
    try {
      // Before a connection is taken, so that none waits for the signature.
      const signature = await signer.signatureOf(message);
      for (let stale = 0; ; stale += 1) {
        checkGate(message.tenant);
        const result = await sites.submit(message.tenant, group.site, (session) =>
          transact(session, message, group.places, signature, stale < mostStale),
        );
        if (result === 'stale') continue;
        return 'refusal' in result ? notDialled(group, result) : result;
      }
    } catch (error) {
      if (error instanceof SpoolUnavailable) return postponed('spool_unavailable');
      if (error instanceof SigningUnavailable) return postponed('signing_unavailable');
      throw error;
    }
  }

  /** One transaction for all recipients at the site; each is one RCPT, exactly as in the envelope. */
  async function transact(
    session: Session,
    message: Message,
    places: readonly number[],
    signature: string,
    mayBeStale: boolean,
  ): Promise<Report | 'stale'> {
    checkGate(message.tenant);
    const { envelope } = message;
    const seen = { attempted: true, site: session.host, tlsVersion: session.tlsVersion } as const;
    const refusal = unsupported(session, message);
    if (refusal !== undefined) {
      return { ...seen, at: clock.now(), verdicts: places.map(() => refusal) };
    }
    const addressOf = (n: number): string => envelope.recipients[n]?.address ?? '';
    const sendable = places.filter((n) => !unspeakable.test(addressOf(n)));
    const verdicts = new Map<number, Verdict>();
    if (sendable.length > 0) {
      const result = await session.transact(
        {
          reversePath: envelope.reversePath,
          recipients: sendable.map(addressOf),
          size: envelope.size + signature.length,
          smtputf8: envelope.smtputf8,
          eightBit: envelope.eightBit,
        },
        contentToSend(message.content, signature),
      );
      const counted = clearing.get(message.tenant);
      if (counted !== undefined) {
        addOutcome(counted, result);
        throw new FencedError();
      }
      if (mayBeStale && isStale(session, result)) return 'stale';
      const inOrder = verdictsOf(result, sendable.length);
      for (const [at, n] of sendable.entries()) verdicts.set(n, inOrder[at] ?? badAddress);
    }
    return {
      ...seen,
      at: clock.now(),
      verdicts: places.map((n) => verdicts.get(n) ?? badAddress),
    };
  }

  function notDialled(group: Group & { site: Site }, why: NotDialled): Report {
    if (why.refusal === 'cancelled') throw new FencedError();
    if (why.refusal !== 'site_down') return postponed(why.refusal);
    const { text, enhancedCode } = why.reply;
    const verdict = ourVerdict('transient', 451, enhancedCode, text);
    return { ...withoutSession(group, verdict), retryAt: why.retryAt };
  }

  const withoutSession = ({ places }: Group, verdict: Verdict) => ({
    attempted: true as const,
    at: clock.now(),
    site: null,
    tlsVersion: null,
    verdicts: places.map(() => verdict),
  });

  async function clear(tenant: string): Promise<WireOutcome> {
    const counted = { finished: 0, unknown: 0 };
    clearing.set(tenant, counted);
    await sites.clear(tenant, settings.wireGrace);
    clearing.delete(tenant);
    return counted;
  }

  return { attempt, clear };
}

/** So many used connections may turn out to be closed before it counts against the message. */
const mostStale = 2;

/**
 * A connection that was used before and ends without having taken the message: the server was done
 * with the connection, not with the message. It goes at once over another.
 */
function isStale(session: Session, result: Transaction): boolean {
  if (result.end !== 'broken' || session.used < 2) return false;
  if (result.afterFinalDot || result.timedOut) return false;
  return result.reply === undefined || result.reply.code === 421;
}

/** Quoted local parts may hold these, but a server that looks for the closing bracket is misled. */
const unspeakable = /[<>\r\n]/;

const postponed = (why: Postponed['why']): Postponed => ({ attempted: false, why });

function unsupported(session: Session, { envelope }: Message): Verdict | undefined {
  if (envelope.smtputf8 && !session.smtputf8) return needsSmtpUtf8;
  if (envelope.eightBit && !session.eightBit) return needsEightBit;
  return undefined;
}
