import { z } from 'zod';
import { growingList } from './message.ts';
import { serviceNames } from './services.ts';
import {
  CommittedSubject,
  Subject,
  subjectKinds,
  type SubjectKind,
  type SubjectOf,
} from './subject.ts';

const Service = z.enum(serviceNames);

/** The subject for which nothing may be written any more, and its erasure. */
export const Fence = z.strictObject({
  erasure: z.uuid(),
  subject: Subject,
  /**
   * Of a person whose erasure is complete: the fence applies only to mail that was accepted before this
   * time (milliseconds since the epoch). So the address may be used again.
   */
  before: z.number().int().exactOptional(),
});
export type Fence = z.infer<typeof Fence>;

/** A fence for code that handles one kind of subject. */
export type FenceOf<Kind extends SubjectKind> = SubjectOf<Kind> & { readonly erasure: string };

/** Broadcast to every process. Idempotent: a repeated fence is acknowledged again. */
export const FenceRaised = Fence.extend({ v: z.literal(1) });

/** `POST /internal/v1/fences` of privacy: the fences that a process must have before it may write. */
export const FencesResponse = z.strictObject({ fences: z.array(Fence) });

/**
 * `POST /internal/v1/erasures/standing` of privacy: whether its ledger has this request for this subject,
 * and what may be done for it now. A service checks this before it executes a command.
 */
export const Standing = z.strictObject({
  known: z.boolean(),
  may: growingList(z.enum(['plant', 'fence', 'purge', 'lift'])),
});
export type Standing = z.infer<typeof Standing>;

/**
 * The report of a process on the mail that it holds from the broker. The age of the oldest message would
 * not be enough: it does not show a message that came and went between two heartbeats. Nor does it show a
 * break after which the broker redelivers the process's messages to others.
 */
export const InFlightReport = z.strictObject({
  /** Time of the report. Milliseconds since the epoch, by the clock of the process. */
  at: z.number().int().nonnegative(),
  /** Since when the process has consumed without a break and has held no message of a day or older. */
  youngSince: z.number().int().nonnegative(),
});
export type InFlightReport = z.infer<typeof InFlightReport>;

/**
 * Broadcast by every process every few seconds and received by itself. If it comes back, all earlier
 * broadcasts have reached the process. Processes that wait for all others, or share work among them,
 * receive it too.
 */
export const Heartbeat = z.strictObject({
  v: z.literal(1),
  service: Service,
  process: z.uuid(),
  /** Grows by one each time. */
  sequence: z.number().int().nonnegative(),
  /**
   * How long the process may act from the sending of this heartbeat. Milliseconds. No setting allows
   * more, so that a false heartbeat cannot delay erasures for ever.
   */
  lease: z.number().int().positive().max(60_000),
  inFlight: InFlightReport.optional(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** How long a delivery on the wire may continue after the fence. Milliseconds. */
export const wireGrace = 60_000;

/** Outcome of the deliveries that were on the wire when the fence was applied, by recipient. */
export const WireOutcome = z.strictObject({
  /** The remote server answered. */
  finished: z.number().int().nonnegative(),
  /** The connection ended after the final dot and before its reply: outcome unknown. */
  unknown: z.number().int().nonnegative(),
});
export type WireOutcome = z.infer<typeof WireOutcome>;

/** The canaries of an erasure: ids of records that were planted for it through the ordinary interfaces. */
export const Canaries = z.strictObject({
  domain: z.string(),
  credential: z.string(),
  token: z.string(),
  message: z.string(),
  letter: z.string(),
});
export type Canaries = z.infer<typeof Canaries>;

/** Those that are planted so far, or that this kind of subject has. */
export const SomeCanaries = Canaries.partial();
export type SomeCanaries = z.infer<typeof SomeCanaries>;

const command = <const What extends string, Shape extends z.ZodRawShape>(
  what: What,
  shape: Shape,
) =>
  z.strictObject({
    v: z.literal(1),
    do: z.literal(what),
    erasure: z.uuid(),
    subject: Subject,
    ...shape,
  });

/** Data that a legal hold keeps (GDPR Art. 17(3)), until it is released. */
export const Hold = z.strictObject({
  store: z.string(),
  ground: z.string(),
  /** RFC 3339. */
  until: z.iso.datetime(),
});
export type Hold = z.infer<typeof Hold>;

/** A command of privacy to a service, in the service's queue. Idempotent. */
export const ErasureCommand = z.discriminatedUnion('do', [
  command('plant', {}),
  command('purge', {
    /** Stands in receipts in place of the subject. */
    commitment: z.string(),
    /**
     * A purge that removes records reports progress (`working`) at once, and then this often.
     * Milliseconds.
     */
    progressEvery: z.number().int().positive(),
    /** Of a person: these stores keep their records, and their receipts say so. */
    holds: z.array(Hold).min(1).exactOptional(),
    /** Of a person: the planted records, which its blind index does not find. */
    canaries: SomeCanaries.exactOptional(),
  }),
]);
export type ErasureCommand = z.infer<typeof ErasureCommand>;

/** Sent through a work queue. Once it is settled, all messages before it are settled. */
export const QueueMarker = z.strictObject({
  v: z.literal(1),
  erasure: z.uuid(),
  subject: Subject,
  /** Stands in the receipt in place of the subject. */
  commitment: z.string(),
});
export type QueueMarker = z.infer<typeof QueueMarker>;

const answer = <const Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ v: z.literal(1), kind: z.literal(kind), erasure: z.uuid(), ...shape });

/**
 * Answers of services to privacy about an erasure. They contain the request and never the subject,
 * because an answer may become a dead letter after the subject is erased.
 */
export const ErasureAnswer = z.discriminatedUnion('kind', [
  answer('planted', { service: Service, canaries: SomeCanaries }),
  /** One process refuses all work for the subject from now on and has none in flight. */
  answer('fenced', { service: Service, process: z.uuid(), wire: WireOutcome }),
  /** A service reports the progress of a long purge, at most as often as the command says. */
  answer('working', { service: Service }),
  /** The service has no purge for this kind of subject. Nothing was removed, and there is no receipt. */
  answer('unsupported', { service: Service, subjectKind: z.enum(subjectKinds) }),
  /** A `Receipt`, signed by its service. */
  answer('receipt', { jws: z.string() }),
]);
export type ErasureAnswer = z.infer<typeof ErasureAnswer>;

/**
 * Data that is kept after the erasure: what, on which ground, and until when (RFC 3339; words if mySMTP
 * does not know the date; `null`: for ever).
 */
export const Retained = z.strictObject({
  category: z.string(),
  ground: z.string(),
  until: z.string().nullable(),
});
export type Retained = z.infer<typeof Retained>;

/** What a receipt says is kept by a legal hold. */
export const retainedByHold = ({ store, ground, until }: Hold): Retained => ({
  category: `${store}: legal hold`,
  ground,
  until,
});

/**
 * The statement of one store about its purge: how many records of the subject it had and how many of them
 * are deleted, over all attempts. It contains no personal data and may be published.
 */
export const Receipt = z.strictObject({
  requestId: z.uuid(),
  /** As in the command. Receipts in certificates of version 1 do not have it. */
  subject: CommittedSubject.optional(),
  service: Service,
  store: z.string(),
  matched: z.number().int().nonnegative(),
  /**
   * How `matched` was counted: by a search of the store before its purge, or by the removal itself (a
   * queue cannot be searched). Receipts from before version 5 of the registry do not have it; they were
   * counted by removal.
   */
  matchedBy: z.enum(['search', 'removal']).optional(),
  deleted: z.number().int().nonnegative(),
  retained: z.array(Retained),
  registryVersion: z.number().int().positive(),
  /** RFC 3339. */
  at: z.iso.datetime(),
});
export type Receipt = z.infer<typeof Receipt>;

/** `typ` of a receipt and of a certificate as JWS (RFC 7515 4.1.9): they cannot be confused. */
export const receiptType = 'mysmtp-receipt+jws';
export const certificateType = 'mysmtp-erasure-certificate+jws';

/** The content of an erasure certificate. */
export const Certificate = z.strictObject({
  v: z.literal(2),
  requestId: z.uuid(),
  requestedAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  subject: CommittedSubject,
  registry: z.strictObject({ version: z.number().int().positive(), sha256: z.string() }),
  /** The keys by which services sign receipts (JWK Set, RFC 7517), certified by this signature. */
  serviceKeys: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }),
  /** A `Receipt` of each store, signed by its service. */
  receipts: z.array(z.strictObject({ store: z.string(), jws: z.string() })),
  /** How many processes acknowledged the fence, and the outcome of the deliveries on the wire. */
  fence: z.strictObject({
    raisedAt: z.iso.datetime(),
    processes: z.record(z.string(), z.number().int().positive()),
    wire: WireOutcome,
  }),
  /** Stores in which the verifier found the canary before the purge. */
  canaries: z.array(z.string()),
  sweeps: z.array(
    z.strictObject({
      at: z.iso.datetime(),
      /** Records found, by store; all 0. */
      found: z.record(z.string(), z.number().int().nonnegative()),
    }),
  ),
  keys: z.strictObject({
    /** Ids of the roots that wrapped the subject's master key, and of the keys derived from it. */
    destroyed: z.array(z.string()),
    /** Roots that were tried on the old wrapped key afterwards; none opened it. */
    triedRoots: z.array(z.string()),
  }),
  retained: z.array(Retained),
  /** Stores that a legal hold kept from the purge, if there are any. Only of a person. */
  holds: z.array(Hold).min(1).exactOptional(),
});
export type Certificate = z.infer<typeof Certificate>;
