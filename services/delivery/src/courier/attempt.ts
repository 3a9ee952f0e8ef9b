import type { WireOutcome } from '@mysmtp/contracts';
import { toSevenBit } from '@mysmtp/mail';
import type { Clock } from '@mysmtp/service';
import type { NextMessage, RecipientResult, SendResult } from '@mysmtp/smtp-client';
import type { Tenants } from '@mysmtp/tenancy';
import { Node, Yallist } from 'yallist';
import type { Connection } from '../dial/dial.ts';
import { evidenceOf, noTransport, type TransportEvidence } from '../dial/evidence.ts';
import { behind, SpoolUnavailableError } from '../message/content.ts';
import type { Message } from '../message/message.ts';
import type { Group } from '../routing/router.ts';
import type { Site } from '../routing/site.ts';
import { DomainRemovedError, SigningUnavailableError, type Signer } from '../signing/signer.ts';
import type { NotDialled } from '../sites/pool.ts';
import type { Sites } from '../sites/sites.ts';
import type { Suppressions } from '../suppressions/suppressions.ts';
import {
  addOutcomes,
  domainRemoved,
  notRecoded,
  classify,
  classifyNoRoute,
  type Classification,
} from './classification.ts';

/** The outcome of an attempt, for one recipient. */
export type AttemptOutcome =
  | (Classification & {
      readonly n: number;
      /** Milliseconds since the epoch. */
      readonly at: number;
      /** The host that was dialled; `null` if none was. */
      readonly site: string | null;
      readonly transport: TransportEvidence;
      /** When the site is dialled again, if it is known to be down. */
      readonly retryAt?: number;
    })
  | Postponed;

/** Nothing was dialled, for a reason outside the message. This does not count as an attempt. */
export interface Postponed {
  readonly kind: 'postponed';
  readonly n: number;
  readonly why: 'overflow' | 'spool_unavailable' | 'signing_unavailable' | 'suppressed_meanwhile';
  readonly retryAt?: number;
}

/** This process stops, or has lost the message. Another process resumes it. */
export class InterruptedError extends Error {
  constructor() {
    super('The message is left to another process');
    this.name = 'InterruptedError';
  }
}

/** A recipient was suppressed while the message waited for a connection. Routing it again ends it. */
class SuppressedMeanwhileError extends Error {
  constructor() {
    super('A recipient was suppressed meanwhile');
    this.name = 'SuppressedMeanwhileError';
  }
}

export interface Courier {
  /**
   * Tries to deliver to the recipients of a group; one outcome for each. Throws a `TenantUnavailable`: if
   * the tenant is fenced, the outcome must have no effect; else nothing was sent.
   * An `InterruptedError` means that nothing was sent. After `givenUp` only mail on the wire is completed.
   */
  attempt(message: Message, group: Group, givenUp?: AbortSignal): Promise<AttemptOutcome[]>;
  /** Cancels all mail of a fenced tenant at the sites; counts the recipients that were on the wire. */
  clear(tenant: string): Promise<WireOutcome>;
  /** The same for a fenced person: waits for transactions with it. Mail that waits is sent to the others. */
  clearPerson(tenant: string, person: string): Promise<WireOutcome>;
}

export interface CourierDeps {
  readonly sites: Sites;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly tenants: Pick<Tenants, 'run' | 'refuseFenced' | 'personFences'>;
  readonly suppressions: Pick<Suppressions, 'isNewFor'>;
  /** How long a transaction may take after a fence. Milliseconds. */
  readonly wireGrace: number;
}

/** How many reused connections may be closed already before this counts as a failure of the message. */
const mostStale = 2;

export function createCourier(deps: CourierDeps): Courier {
  const { sites, signer, clock, tenants, suppressions } = deps;
  /** Outcomes of transactions that ended after the fence, by tenant. */
  const clearing = new Map<string, WireOutcome>();
  // Not a `Set`, which would keep what has ended in memory (docs/performance.md).
  const onWire = new Yallist<Transaction>();

  function attempt(
    message: Message,
    group: Group,
    givenUp?: AbortSignal,
  ): Promise<AttemptOutcome[]> {
    const { positions } = group;
    if ('failure' in group) {
      return Promise.resolve(withoutSession(positions, classifyNoRoute(group.failure)));
    }
    return toSite(message, group, givenUp).catch((error: unknown) => {
      if (error instanceof DomainRemovedError) return withoutSession(positions, domainRemoved);
      const why = reasonToPostpone(error);
      if (why === undefined) throw error;
      return positions.map((n) => ({ kind: 'postponed', n, why }));
    });
  }

  async function toSite(
    message: Message,
    { site, positions }: { readonly site: Site; readonly positions: readonly number[] },
    givenUp: AbortSignal | undefined,
  ): Promise<AttemptOutcome[]> {
    const { tenant } = message;
    const asked = sites.mayTake(tenant, site);
    if (asked !== undefined) return notDialled(tenant, positions, asked);
    // Before a connection is used, so that no connection waits for the spool.
    await message.content.head();
    const outcomes: AttemptOutcome[] = [];
    let signature: Promise<string> | undefined;
    // Not before the site is known to be up: a site that is down costs no signatures.
    const sign = (): Promise<string> => (signature ??= signer.signatureOf(message));
    // Signs while the message waits for a connection. `transact` handles a failure.
    if (sites.isConnected(site)) sign().catch(() => undefined);
    let waiting = positions;
    for (let stale = 0; waiting.length > 0; stale += 1) {
      // Checked before the wait for a connection and after it, because the wait may be long.
      const sent = await tenants.run(tenant, 'send', () =>
        sites.submit({ tenant, site, givenUp }, (connection, next) =>
          tenants.run(tenant, 'send', () => {
            waiting = unfenced(message, waiting);
            return transact(connection, next, message, waiting, sign);
          }),
        ),
      );
      if ('refusal' in sent) return [...outcomes, ...notDialled(tenant, waiting, sent)];
      const unsent: number[] = [];
      for (const [at, result] of sent.results.entries()) {
        const n = waiting[at] ?? 0;
        if (result.outcome === 'unsent' && stale < mostStale) unsent.push(n);
        else outcomes.push({ n, ...sent.seen, ...classify(result, sent.security) });
      }
      waiting = unsent;
    }
    return outcomes;
  }

  /** Without persons who were fenced while the message waited for a connection. */
  function unfenced(
    { tenant, acceptedAt, envelope }: Message,
    positions: readonly number[],
  ): readonly number[] {
    const fences = tenants.personFences(tenant);
    if (fences === undefined) return positions;
    const isFenced = (person = '') => fences.of(acceptedAt, person) !== undefined;
    if (isFenced(envelope.senderIndex) || (envelope.about ?? []).some(isFenced)) return [];
    // An address is empty if the person is removed already.
    return positions.filter((n) => {
      const { address = '', index } = envelope.recipients[n] ?? {};
      return address !== '' && !isFenced(index);
    });
  }

  /** One RCPT for each recipient, exactly as in the envelope. */
  async function transact(
    { host, session }: Connection,
    next: NextMessage,
    message: Message,
    positions: readonly number[],
    sign: () => Promise<string>,
  ) {
    const { envelope, tenant, content } = message;
    const isNew = (n: number) => suppressions.isNewFor(tenant, envelope.recipients[n]?.index ?? '');
    if (positions.some(isNew)) throw new SuppressedMeanwhileError();
    const seen = seenOn(host, session);
    if (positions.length === 0) return { results: [], security: session.security, seen };
    const recoded = needsRecoding(message, session) ? await toSevenBit(content.read) : undefined;
    if (recoded !== undefined && 'refusal' in recoded) {
      const results = positions.map(() => notRecoded(recoded.text));
      return { results, security: session.security, seen };
    }
    const signature =
      recoded === undefined ? await sign() : await signer.signatureOf(message, recoded);
    const field = Buffer.from(signature, 'latin1');
    const sending = session.send(
      {
        reversePath: envelope.reversePath,
        recipients: positions.map((n) => ({ address: envelope.recipients[n]?.address ?? '' })),
        size: (recoded?.size ?? envelope.size) + field.length,
        smtpUtf8: envelope.smtputf8,
        eightBit: envelope.eightBit && recoded === undefined,
      },
      recoded === undefined ? content.toSend(field) : behind(field, recoded.stream),
      { next },
    );
    const sent = await tracked({ message, positions, session, sending });
    const counted = clearing.get(tenant);
    if (counted !== undefined) {
      addOutcomes(counted, sent.recipients);
      tenants.refuseFenced(tenant);
    }
    return { ...resultsOf(sent), security: session.security, seen: { ...seen, at: clock.now() } };
  }

  async function tracked(transaction: Transaction): Promise<SendResult> {
    const node = new Node(transaction);
    onWire.pushNode(node);
    try {
      return await transaction.sending;
    } finally {
      onWire.removeNode(node);
    }
  }

  const seenOn = (host: string, { security }: Connection['session']) => ({
    at: clock.now(),
    site: host,
    transport: evidenceOf(security),
  });

  function notDialled(
    tenant: string,
    positions: readonly number[],
    why: NotDialled,
  ): AttemptOutcome[] {
    if (why.refusal === 'cancelled') tenants.refuseFenced(tenant);
    if (why.refusal === 'cancelled' || why.refusal === 'stopping') throw new InterruptedError();
    const { retryAt } = why;
    if (why.refusal === 'overflow') {
      return positions.map((n) => ({ kind: 'postponed', n, why: 'overflow', retryAt }));
    }
    const { text, enhancedCode, permanent } = why.failure;
    const kind = permanent ? 'permanent' : 'transient';
    const classification = { kind, text, enhancedCode, isUnknown: false } as const;
    return withoutSession(positions, classification).map((outcome) => ({ ...outcome, retryAt }));
  }

  const withoutSession = (positions: readonly number[], classification: Classification) =>
    positions.map((n) => ({
      n,
      at: clock.now(),
      site: null,
      transport: noTransport,
      ...classification,
    }));

  async function clear(tenant: string): Promise<WireOutcome> {
    const counted = { finished: 0, unknown: 0 };
    clearing.set(tenant, counted);
    await sites.clear(tenant, deps.wireGrace);
    clearing.delete(tenant);
    return counted;
  }

  async function clearPerson(tenant: string, person: string): Promise<WireOutcome> {
    const counted = { finished: 0, unknown: 0 };
    const concerned = [...onWire].flatMap((one) => {
      const places = one.message.tenant === tenant ? positionsOf(person, one) : [];
      return places.length === 0 ? [] : [{ ...one, places }];
    });
    const breaking = setTimeout(() => {
      for (const { session } of concerned) session.break();
    }, deps.wireGrace);
    await Promise.all(
      concerned.map(async ({ sending, places }) => {
        const { recipients } = await sending.catch(() => ({ recipients: [] }));
        addOutcomes(
          counted,
          places.flatMap((at) => recipients[at] ?? []),
        );
      }),
    );
    clearTimeout(breaking);
    return counted;
  }

  return { attempt, clear, clearPerson };
}

/** A message that is being sent. */
interface Transaction {
  readonly message: Message;
  readonly positions: readonly number[];
  readonly session: Connection['session'];
  readonly sending: Promise<SendResult>;
}

/** Where the results of a transaction are about this person: all of them, if it is the sender. */
function positionsOf(
  person: string,
  { message: { envelope }, positions }: Transaction,
): readonly number[] {
  const isAll = envelope.senderIndex === person || envelope.about?.includes(person) === true;
  return positions.flatMap((n, at) =>
    isAll || envelope.recipients[n]?.index === person ? [at] : [],
  );
}

/** RFC 6152 3: an 8-bit body is recoded if we sign the message; else the message bounces. */
const needsRecoding = ({ envelope }: Message, { capabilities }: Connection['session']): boolean =>
  envelope.eightBit && envelope.signing !== null && !capabilities.eightBitMime;

/** Throws the error of the content if it could not be read to its end: nothing was delivered. */
function resultsOf({ recipients, contentError }: SendResult): {
  readonly results: readonly RecipientResult[];
} {
  if (contentError !== undefined) throw contentError;
  return { results: recipients };
}

function reasonToPostpone(error: unknown): Postponed['why'] | undefined {
  if (error instanceof SpoolUnavailableError) return 'spool_unavailable';
  if (error instanceof SuppressedMeanwhileError) return 'suppressed_meanwhile';
  return error instanceof SigningUnavailableError ? 'signing_unavailable' : undefined;
}
