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

/** For whom nothing may be written any more, and the erasure that wants it so. */
export const Fence = z.strictObject({ erasure: z.uuid(), subject: Subject });
export type Fence = z.infer<typeof Fence>;

/** A fence for those who act for one kind of subject. */
export type FenceOf<Kind extends SubjectKind> = SubjectOf<Kind> & { readonly erasure: string };

/** Broadcast to every process. Raising a fence again changes nothing; it is acknowledged again. */
export const FenceRaised = Fence.extend({ v: z.literal(1) });

/** `POST /internal/v1/fences` of privacy: what a process must know before it may write at all. */
export const FencesResponse = z.strictObject({ fences: z.array(Fence) });

/**
 * `POST /internal/v1/erasures/standing` of privacy: whether its ledger has this request for this subject,
 * and what of it may be done now. Whoever is told to do something asks before it is done.
 */
export const Standing = z.strictObject({
  known: z.boolean(),
  may: growingList(z.enum(['plant', 'fence', 'purge'])),
});
export type Standing = z.infer<typeof Standing>;

/**
 * What a process that takes mail from the broker says of the messages that it holds. The age of the
 * oldest would not do: one that came and went between two heartbeats would not be seen, nor a break
 * after which the broker hands out to others what was on its way here.
 */
export const InHand = z.strictObject({
  /** When this held. Milliseconds since the epoch, by the clock of the process. */
  at: z.number().int().nonnegative(),
  /** Since when it has been taking without a break and has held no message of a day or older. */
  youngSince: z.number().int().nonnegative(),
});
export type InHand = z.infer<typeof InHand>;

/**
 * Broadcast by every process every few seconds, and heard by itself: whatever was broadcast before it
 * has reached the process once it is back. Those who wait for all processes, or share among them, hear it
 * too.
 */
export const ProcessAlive = z.strictObject({
  v: z.literal(1),
  service: Service,
  process: z.uuid(),
  /** Grows by one each time. */
  beat: z.number().int().nonnegative(),
  /**
   * How long the process may act from the moment in which it sent this. Milliseconds. No setting allows
   * more: a false heartbeat must not hold up erasures for ever.
   */
  lease: z.number().int().positive().max(60_000),
  inHand: InHand.optional(),
});
export type ProcessAlive = z.infer<typeof ProcessAlive>;

/** How long a delivery that is on the wire may take after the fence. Milliseconds. */
export const wireGrace = 60_000;

/** What became of deliveries that were on the wire when the fence fell, by recipient. */
export const WireOutcome = z.strictObject({
  /** The remote server answered. */
  finished: z.number().int().nonnegative(),
  /** The connection ended after the final dot and before its reply: outcome unknown. */
  unknown: z.number().int().nonnegative(),
});
export type WireOutcome = z.infer<typeof WireOutcome>;

/** What an erasure is to be checked by: ids of things that were planted for it in the ordinary way. */
export const Canaries = z.strictObject({
  domain: z.string(),
  credential: z.string(),
  token: z.string(),
  message: z.string(),
  letter: z.string(),
});
export type Canaries = z.infer<typeof Canaries>;

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

/** A command of privacy to a service, in the service's queue. Doing it again changes nothing. */
export const ErasureCommand = z.discriminatedUnion('do', [
  command('plant', {}),
  command('purge', {
    /** What receipts say of the subject. */
    commitment: z.string(),
    /** A purge that removes something says so (`working`) at once, and then this often. Milliseconds. */
    progressEvery: z.number().int().positive(),
  }),
]);
export type ErasureCommand = z.infer<typeof ErasureCommand>;

/** Goes through a work queue: once it is settled, everything that was in the queue before it is. */
export const QueueMarker = z.strictObject({
  v: z.literal(1),
  erasure: z.uuid(),
  subject: Subject,
  /** What the receipt says of the subject. */
  commitment: z.string(),
});
export type QueueMarker = z.infer<typeof QueueMarker>;

const answer = <const Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ v: z.literal(1), kind: z.literal(kind), erasure: z.uuid(), ...shape });

/**
 * What services tell privacy of an erasure. They name the request and never the subject: an answer may
 * end among the dead letters after the subject is erased.
 */
export const ErasureAnswer = z.discriminatedUnion('kind', [
  answer('planted', { service: Service, canaries: Canaries.partial() }),
  /** One process refuses everything of the subject from now on, and has nothing of it in hand. */
  answer('fenced', { service: Service, process: z.uuid(), wire: WireOutcome }),
  /** A service is at a purge that takes long: told by its progress, at most as often as the command says. */
  answer('working', { service: Service }),
  /** The service has no purge for this kind of subject. Nothing was removed, and there is no receipt. */
  answer('unsupported', { service: Service, subjectKind: z.enum(subjectKinds) }),
  /** A `Receipt`, signed by its service. */
  answer('receipt', { jws: z.string() }),
]);
export type ErasureAnswer = z.infer<typeof ErasureAnswer>;

/**
 * Something that outlives the erasure: what, on which ground, and until when (RFC 3339, or words if
 * nobody here knows a date; `null`: for good).
 */
export const Retained = z.strictObject({
  category: z.string(),
  ground: z.string(),
  until: z.string().nullable(),
});
export type Retained = z.infer<typeof Retained>;

/**
 * What one store answers to a purge: how many records of the subject it had and how many of them are
 * gone, over all tries. It names nobody, so that it may be shown to anybody.
 */
export const Receipt = z.strictObject({
  requestId: z.uuid(),
  /** As the command said. Receipts in certificates of version 1 do not have it. */
  subject: CommittedSubject.optional(),
  service: Service,
  store: z.string(),
  matched: z.number().int().nonnegative(),
  /**
   * How `matched` was counted: by a search of the store before its purge, or by the removal itself (a
   * queue cannot be searched). Receipts from before version 5 of the registry do not have it: removal.
   */
  matchedBy: z.enum(['search', 'removal']).optional(),
  deleted: z.number().int().nonnegative(),
  retained: z.array(Retained),
  registryVersion: z.number().int().positive(),
  /** RFC 3339. */
  at: z.iso.datetime(),
});
export type Receipt = z.infer<typeof Receipt>;

/** `typ` of a receipt and of a certificate as JWS (RFC 7515 4.1.9): neither passes for the other. */
export const receiptType = 'mysmtp-receipt+jws';
export const certificateType = 'mysmtp-erasure-certificate+jws';

/** What an erasure certificate says. */
export const Certificate = z.strictObject({
  v: z.literal(2),
  requestId: z.uuid(),
  requestedAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  subject: CommittedSubject,
  registry: z.strictObject({ version: z.number().int().positive(), sha256: z.string() }),
  /** The keys by which services sign receipts (JWK Set, RFC 7517), vouched for by this signature. */
  serviceKeys: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }),
  /** A `Receipt` of each store, as its service signed it. */
  receipts: z.array(z.strictObject({ store: z.string(), jws: z.string() })),
  /** How many processes acknowledged the fence, and what was on the wire then. */
  fence: z.strictObject({
    raisedAt: z.iso.datetime(),
    processes: z.record(z.string(), z.number().int().positive()),
    wire: WireOutcome,
  }),
  /** Stores in which the verifier found the canary before. */
  canaries: z.array(z.string()),
  sweeps: z.array(
    z.strictObject({
      at: z.iso.datetime(),
      /** Records found by store; all 0. */
      found: z.record(z.string(), z.number().int().nonnegative()),
    }),
  ),
  keys: z.strictObject({
    /** Ids of the roots that wrapped the subject's master key, and of the keys made of it. */
    destroyed: z.array(z.string()),
    /** Roots that were tried on the old wrapped key afterwards; none opened it. */
    triedRoots: z.array(z.string()),
  }),
  retained: z.array(Retained),
});
export type Certificate = z.infer<typeof Certificate>;
