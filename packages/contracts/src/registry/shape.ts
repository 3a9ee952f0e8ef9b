import { z } from 'zod';
import { serviceNames } from '../services.ts';

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
]);

/** A field that is not always there names the test in which it is. */
const Field = z.union([Protection, z.strictObject({ protection: Protection, seenIn: z.string() })]);
export type Field = z.infer<typeof Field>;

const LegalBasis = z.enum([
  /** We relay and log on the customer's instruction (GDPR Art. 28); the customer has the basis. */
  'instruction of the customer',
  /** GDPR Art. 6(1)(b): without it the customer could not be served. */
  'contract',
  /** Nothing in it is personal. */
  'none needed',
]);

/** What all kinds of stores have in common. */
const held = {
  /** `SERVICE.THING`: the same wherever the store is spoken of. */
  id: z.string(),
  service: z.enum(serviceNames),
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

/** Documents of one kind: a collection, or one for each day. */
const Collection = z.strictObject({
  ...held,
  /** Its name, or a regular expression between slashes. */
  collection: z.string(),
  /** By path; what lies in an array has the path of the array. */
  fields: z.record(z.string(), Field),
});
export type Collection = z.infer<typeof Collection>;

/** A queue; what it holds is also in the broker's files. */
const Queue = z.strictObject({
  ...held,
  /** Its name, or a regular expression between slashes. */
  queue: z.string(),
  content: z.string(),
});
export type Queue = z.infer<typeof Queue>;

/** A key of a log line or a label of a metric: neither may ever hold anything personal. */
const Word = z.strictObject({
  name: z.string(),
  holds: z.string(),
  /** Set where it does not appear in everyday use. */
  rare: z.literal(true).optional(),
});
export type Word = z.infer<typeof Word>;

export const Registry = z.strictObject({
  /** Grows with every change; each version ever used stays in packages/contracts/registry. */
  version: z.number().int().positive(),
  collections: z.array(Collection),
  queues: z.array(Queue),
  exchanges: z.array(z.string()),
  logKeys: z.array(Word),
  metricLabels: z.array(Word),
});
export type Registry = z.infer<typeof Registry>;

export const hour = 3_600_000;
export const day = 24 * hour;
