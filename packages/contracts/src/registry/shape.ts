import { z } from 'zod';
import { dataHolders, serviceNames } from '../services.ts';
import { Outliving } from './outlives.ts';

/** How a value is kept from those who only read the store. */
const Protection = z.enum([
  /** A random id of our own making; says who it is only to whoever may ask identity. */
  'id',
  /** A time, a count, a state or a size: nothing personal by itself. */
  'plain',
  /** AES-256-GCM under a key of the tenant (packages/seal). */
  'sealed',
  /** HMAC-SHA-256 under a key of the tenant: it finds, and tells nothing. */
  'blind index',
  /** SHA-256 of a generated secret of at least 128 bits. */
  'hash of a secret',
  /** A key, sealed under a root that lies outside every database. */
  'wrapped key',
  /** A hash or a signature over what says nothing without its counterpart. */
  'commitment',
]);

/** A field that is not always there names the test in which it is. */
const Field = z.union([Protection, z.strictObject({ protection: Protection, seenIn: z.string() })]);
export type Field = z.infer<typeof Field>;

const LegalBasis = z.enum([
  /** We relay and log on the customer's instruction (GDPR Art. 28); the customer has the basis. */
  'instruction of the customer',
  /** GDPR Art. 6(1)(b): without it the customer could not be served. */
  'contract',
  /** GDPR Art. 6(1)(c): we must be able to show what we did (Art. 5(2)). */
  'legal obligation',
  /** Nothing in it is personal. */
  'none needed',
]);

/** The documentation of a store: words and limits. Nothing of it is in the coverage. */
const documented = {
  purpose: z.string(),
  basis: LegalBasis,
  /** In words, from when to when. */
  retention: z.string(),
  /**
   * Milliseconds after which nothing may be left, where there is such a limit: as the services are
   * configured by default, with an hour for the job that deletes.
   */
  limit: z.number().positive().nullable(),
  /** How the data of a tenant disappears when the tenant goes. */
  erasure: z.string(),
};

/** How a verifier finds a tenant in a collection, from outside and without our code. */
const ErasureRule = z.strictObject({
  /** Path → what stands there in a record of the tenant; `{tenant}` is its id. */
  tenant: z.record(z.string(), z.string()),
  /** Path → what stands there in the canary: `{domain}`, `{credential}`, `{token}`, `{message}` or `{letter}`. */
  canary: z.record(z.string(), z.string()),
  /** When it goes: with the data, or with the keys after it. */
  erased: z.enum(['purge', 'shred']),
  /** The fields of what may stay; a record with anything else in it is not erased. Empty: nothing stays. */
  remains: z.array(z.string()),
  /** Why that stays. */
  ground: z.string().nullable(),
});
export type ErasureRule = z.infer<typeof ErasureRule>;

/** `SERVICE.THING`: the same wherever the store is spoken of. */
const id = z.string();

const coveredCollection = {
  id,
  service: z.enum(dataHolders),
  /** Its name, or a regular expression between slashes. */
  collection: z.string(),
  /** `null` where nothing in it is erased with a tenant; then it gives no receipt. */
  subject: ErasureRule.nullable(),
};

const coveredQueue = {
  id,
  /** A service has queues whether it holds data or not. */
  service: z.enum(serviceNames),
  /** Its name, or a regular expression between slashes. */
  queue: z.string(),
  /** Whether a marker goes through it in an erasure; then its consumer gives a receipt. */
  marker: z.boolean(),
};

/** Documents of one kind: a collection, or one for each day. */
const Collection = z.strictObject({
  ...coveredCollection,
  ...documented,
  /** By path; what lies in an array has the path of the array. */
  fields: z.record(z.string(), Field),
});
export type Collection = z.infer<typeof Collection>;

/** A queue; what it holds is also in the broker's files. */
const Queue = z.strictObject({ ...coveredQueue, ...documented, content: z.string() });
export type Queue = z.infer<typeof Queue>;

/**
 * A key of a log line or a label of a metric: neither may ever hold anything personal of a customer or
 * of anybody they write to.
 */
const Word = z.strictObject({
  name: z.string(),
  holds: z.string(),
  /** Set where it does not appear in everyday use. */
  rare: z.literal(true).optional(),
});
export type Word = z.infer<typeof Word>;

export const Registry = z.strictObject({
  /** Of the coverage: grows with every change of it. */
  version: z.number().int().positive(),
  collections: z.array(Collection),
  queues: z.array(Queue),
  exchanges: z.array(z.string()),
  logKeys: z.array(Word),
  metricLabels: z.array(Word),
});
export type Registry = z.infer<typeof Registry>;

/**
 * What an erasure covers: who must stop, which stores there are, how a tenant is found in them, what
 * may stay. Receipts and certificates name its version, and each version ever used stays in
 * packages/contracts/registry.
 */
export const Coverage = z.object({
  version: z.number().int().positive(),
  /** Of each at least one process must have confirmed the fence. */
  services: z.array(z.enum(serviceNames)),
  collections: z.array(z.object(coveredCollection)),
  queues: z.array(z.object(coveredQueue)),
  outlives: z.array(Outliving),
});
export type Coverage = z.infer<typeof Coverage>;
