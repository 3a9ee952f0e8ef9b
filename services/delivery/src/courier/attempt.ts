import type { WireOutcome } from '@mysmtp/contracts';
import { toSevenBit } from '@mysmtp/mail';
import type { Clock } from '@mysmtp/service';
import type { RecipientResult, SendResult } from '@mysmtp/smtp-client';
import type { Tenants } from '@mysmtp/tenancy';
import type { Connection } from '../dial/dial.ts';
import { behind, SpoolUnavailable } from '../message/content.ts';
import type { Message } from '../message/message.ts';
import type { Group } from '../routing/router.ts';
import type { Site } from '../routing/site.ts';
import { DomainRemoved, SigningUnavailable, type Signer } from '../signing/signer.ts';
import type { NotDialled } from '../sites/pool.ts';
import type { Sites } from '../sites/sites.ts';
import {
  addOutcomes,
  domainRemoved,
  notRecoded,
  verdictOf,
  verdictOfNoRoute,
  type Verdict,
} from './verdict.ts';

/** What came of an attempt, for one recipient. */
export type Outcome =
  | (Verdict & {
      readonly n: number;
      /** Milliseconds since the epoch. */
      readonly at: number;
      /** The host that was dialled; `null` if nobody was. */
      readonly site: string | null;
      readonly tlsVersion: string | null;
      /** The site is known to be down: when somebody will look again. */
      readonly retryAt?: number;
    })
  | Postponed;

/** Nobody was dialled, for a reason that is not the message's: it does not count as an attempt. */
export interface Postponed {
  readonly kind: 'postponed';
  readonly n: number;
  readonly why: 'overflow' | 'spool_unavailable' | 'signing_unavailable';
  readonly retryAt?: number;
}

/** This process stops, or has lost the message: it is for another one. */
export class Interrupted extends Error {
  constructor() {
    super('The message is left to another process');
    this.name = 'Interrupted';
  }
}

export interface Courier {
  /**
   * Tries to deliver to the recipients of a group; one outcome for each. Throws a `TenantUnavailable`: if
   * the tenant is fenced, nothing may follow from the attempt; else nothing was sent. So it is with an
   * `Interrupted`. After `givenUp` nothing is sent that was not on the wire before.
   */
  attempt(message: Message, group: Group, givenUp?: AbortSignal): Promise<Outcome[]>;
  /** Ends what the sites have of a fenced tenant; counts what was on the wire, by recipient. */
  clear(tenant: string): Promise<WireOutcome>;
}

export interface CourierSettings {
  readonly sites: Sites;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly tenants: Pick<Tenants, 'run' | 'refuseFenced'>;
  /** How long what is on the wire may take after a fence. Milliseconds. */
  readonly wireGrace: number;
}

/** So many used connections may turn out to be closed before it counts against the message. */
const mostStale = 2;

export function createCourier(settings: CourierSettings): Courier {
  const { sites, signer, clock, tenants } = settings;
  /** What has come back from the wire since the fence, by tenant. */
  const clearing = new Map<string, WireOutcome>();

  async function attempt(
    message: Message,
    group: Group,
    givenUp?: AbortSignal,
  ): Promise<Outcome[]> {
    const { places } = group;
    if ('failure' in group) return withoutSession(places, verdictOfNoRoute(group.failure));
    try {
      return await toSite(message, group, givenUp);
    } catch (error) {
      if (error instanceof DomainRemoved) return withoutSession(places, domainRemoved);
      const why = reasonToPostpone(error);
      if (why === undefined) throw error;
      return places.map((n) => ({ kind: 'postponed', n, why }));
    }
  }

  async function toSite(
    message: Message,
    { site, places }: { readonly site: Site; readonly places: readonly number[] },
    givenUp: AbortSignal | undefined,
  ): Promise<Outcome[]> {
    const { tenant } = message;
    const asked = sites.mayTake(tenant, site);
    if (asked !== undefined) return notDialled(tenant, places, asked);
    // Before a connection is taken, so that none waits for the spool.
    await message.content.head();
    const outcomes: Outcome[] = [];
    let signature: Promise<string> | undefined;
    // Not before the site is seen to be up: one that is down costs no signatures.
    const sign = (): Promise<string> => (signature ??= signer.signatureOf(message));
    // While it waits for a connection; a failure is for who sends it.
    if (sites.isConnected(site)) sign().catch(() => undefined);
    let waiting = places;
    for (let stale = 0; waiting.length > 0; stale += 1) {
      // Asked before the wait for a connection, which may be long, and after it.
      const sent = await tenants.run(tenant, 'send', () =>
        sites.submit({ tenant, site, givenUp }, async (connection) =>
          tenants.run(tenant, 'send', () => transact(connection, message, waiting, sign)),
        ),
      );
      if ('refusal' in sent) return [...outcomes, ...notDialled(tenant, waiting, sent)];
      const unsent: number[] = [];
      for (const [at, result] of sent.results.entries()) {
        const n = waiting[at] ?? 0;
        if (result.outcome === 'unsent' && stale < mostStale) unsent.push(n);
        else outcomes.push({ n, ...sent.seen, ...verdictOf(result, sent.security) });
      }
      waiting = unsent;
    }
    return outcomes;
  }

  /** One RCPT for each recipient, exactly as in the envelope. */
  async function transact(
    { host, session }: Connection,
    message: Message,
    places: readonly number[],
    sign: () => Promise<string>,
  ) {
    const { envelope, tenant, content } = message;
    const seen = seenOn(host, session);
    const recoded = needsRecoding(message, session) ? await toSevenBit(content.read) : undefined;
    if (recoded !== undefined && 'refusal' in recoded) {
      const results = places.map(() => notRecoded(recoded.text));
      return { results, security: session.security, seen };
    }
    const signature =
      recoded === undefined ? await sign() : await signer.signatureOf(message, recoded);
    const field = Buffer.from(signature, 'latin1');
    const sent = await session.send(
      {
        reversePath: envelope.reversePath,
        recipients: places.map((n) => ({ address: envelope.recipients[n]?.address ?? '' })),
        size: (recoded?.size ?? envelope.size) + field.length,
        smtpUtf8: envelope.smtputf8,
        eightBit: envelope.eightBit && recoded === undefined,
      },
      recoded === undefined ? content.toSend(field) : behind(field, recoded.stream),
    );
    const counted = clearing.get(tenant);
    if (counted !== undefined) {
      addOutcomes(counted, sent.recipients);
      tenants.refuseFenced(tenant);
    }
    return { ...resultsOf(sent), security: session.security, seen: { ...seen, at: clock.now() } };
  }

  const seenOn = (host: string, { security }: Connection['session']) => ({
    at: clock.now(),
    site: host,
    tlsVersion: security.tls ? security.version : null,
  });

  function notDialled(tenant: string, places: readonly number[], why: NotDialled): Outcome[] {
    if (why.refusal === 'cancelled') tenants.refuseFenced(tenant);
    if (why.refusal === 'cancelled' || why.refusal === 'stopping') throw new Interrupted();
    const { retryAt } = why;
    if (why.refusal === 'overflow') {
      return places.map((n) => ({ kind: 'postponed', n, why: 'overflow', retryAt }));
    }
    const { text, enhancedCode, permanent } = why.failure;
    const kind = permanent ? 'permanent' : 'transient';
    const verdict = { kind, text, enhancedCode, isUnknown: false } as const;
    return withoutSession(places, verdict).map((outcome) => ({ ...outcome, retryAt }));
  }

  const withoutSession = (places: readonly number[], verdict: Verdict) =>
    places.map((n) => ({ n, at: clock.now(), site: null, tlsVersion: null, ...verdict }));

  async function clear(tenant: string): Promise<WireOutcome> {
    const counted = { finished: 0, unknown: 0 };
    clearing.set(tenant, counted);
    await sites.clear(tenant, settings.wireGrace);
    clearing.delete(tenant);
    return counted;
  }

  return { attempt, clear };
}

/** RFC 6152 3: an 8-bit body is recoded if the signature is ours to make, else it is returned. */
const needsRecoding = ({ envelope }: Message, { capabilities }: Connection['session']): boolean =>
  envelope.eightBit && envelope.signing !== null && !capabilities.eightBitMime;

/** The content's own failure, if it could not be read to its end: nothing was delivered. */
function resultsOf({ recipients, contentError }: SendResult): {
  readonly results: readonly RecipientResult[];
} {
  if (contentError !== undefined) throw contentError;
  return { results: recipients };
}

function reasonToPostpone(error: unknown): Postponed['why'] | undefined {
  if (error instanceof SpoolUnavailable) return 'spool_unavailable';
  return error instanceof SigningUnavailable ? 'signing_unavailable' : undefined;
}
