import { z } from 'zod';
import { dataHolders, serviceNames } from '../services.ts';
import { balancingTestIds } from './balancing-tests.ts';
import { Outliving } from './outlives.ts';

/** How a value is protected from persons who can only read the store. */
const Protection = z.enum([
  /** A random id of ours; it identifies a person only together with data of identity. */
  'id',
  /** A time, a count, a state or a size: nothing personal by itself. */
  'plain',
  /** AES-256-GCM under a key of the tenant (packages/seal). */
  'sealed',
  /** HMAC-SHA-256 under a key of the tenant: for searches; it reveals nothing. */
  'blind index',
  /** SHA-256 of a generated secret of at least 128 bits. */
  'hash of a secret',
  /** A key, sealed under a root that is outside every database. */
  'wrapped key',
  /** A hash or a signature over data that means nothing without its counterpart. */
  'commitment',
]);

export type Protection = z.infer<typeof Protection>;

/** A field that is not always present names the test in which it is. */
const Field = z.union([Protection, z.strictObject({ protection: Protection, seenIn: z.string() })]);
export type Field = z.infer<typeof Field>;

const LegalBasis = z.enum([
  /** We relay and log on the customer's instruction (GDPR Art. 28); the customer has the basis. */
  'instruction of the customer',
  /** GDPR Art. 6(1)(b): necessary to serve the customer. */
  'contract',
  /** GDPR Art. 6(1)(f). The entry names the test in which the interests were balanced. */
  'legitimate interest',
  /** GDPR Art. 6(1)(c): we must be able to show what we did (Art. 5(2)). */
  'legal obligation',
  /** GDPR Art. 6(1)(a), by a person who has an account. */
  'consent',
  /** Contains no personal data. */
  'none needed',
]);
export type LegalBasis = z.infer<typeof LegalBasis>;

/** On which ground the data may exist. */
const grounded = {
  basis: LegalBasis,
  /** Of a legitimate interest, and of nothing else. */
  balancingTest: z.enum(balancingTestIds).optional(),
};

/** The documentation of a store: descriptions and limits. It is not in the coverage. */
const documented = {
  purpose: z.string(),
  ...grounded,
  /** Description of the period. */
  retention: z.string(),
  /**
   * Milliseconds after which no record may be left, if there is such a limit. It is computed for the
   * default settings, with an hour for the job that deletes.
   */
  limit: z.number().positive().nullable(),
  /** How the data of a tenant is erased with the tenant. */
  erasure: z.string(),
};

/** How the verifier finds a tenant in a collection, without the code of the service. */
const ErasureRule = z.strictObject({
  /** Path → its value in a record of the tenant; `{tenant}` is its id. */
  tenant: z.record(z.string(), z.string()),
  /**
   * Path → its value in a record that names a person; `{person}` is the person's blind index. `null`: no
   * record is found by one.
   */
  person: z.record(z.string(), z.string()).nullable(),
  /** Path → its value in the canary: `{domain}`, `{credential}`, `{token}`, `{message}` or `{letter}`. */
  canary: z.record(z.string(), z.string()),
  /** When it is erased: with the data, or with the keys afterwards. */
  erased: z.enum(['purge', 'shred']),
  /** The fields that may remain. A record with any other field is not erased. Empty: nothing remains. */
  remains: z.array(z.string()),
  /** The ground on which they remain. */
  ground: z.string().nullable(),
});
export type ErasureRule = z.infer<typeof ErasureRule>;

/** `SERVICE.THING`, the id of the store everywhere. */
const id = z.string();

const coveredCollection = {
  id,
  service: z.enum(dataHolders),
  /** Its name, or a regular expression between slashes. */
  collection: z.string(),
  /** `null` if it has no data of a tenant to erase; then it gives no receipt. */
  subject: ErasureRule.nullable(),
};

const coveredQueue = {
  id,
  /** A service has queues even if it holds no data. */
  service: z.enum(serviceNames),
  /** Its name, or a regular expression between slashes. */
  queue: z.string(),
  /** Whether a marker is sent through it in an erasure. If so, its consumer gives a receipt. */
  marker: z.boolean(),
};

/** Documents of one kind: a collection, or one for each day. */
const Collection = z.strictObject({
  ...coveredCollection,
  ...documented,
  /** By path. Fields inside an array have the path of the array. */
  fields: z.record(z.string(), Field),
});
export type Collection = z.infer<typeof Collection>;

/** A queue; its messages are also in the broker's files. */
const Queue = z.strictObject({ ...coveredQueue, ...documented, content: z.string() });
export type Queue = z.infer<typeof Queue>;

/**
 * A key of a log line or a label of a metric. Neither may ever contain personal data of a customer or of
 * a person they write to.
 */
const Word = z.strictObject({
  ...grounded,
  name: z.string(),
  holds: z.string(),
  /** True if it does not appear in everyday use. */
  rare: z.literal(true).optional(),
});
export type Word = z.infer<typeof Word>;

export const Registry = z.strictObject({
  /** Of the coverage: raised with every change of it. */
  version: z.number().int().positive(),
  collections: z.array(Collection),
  queues: z.array(Queue),
  exchanges: z.array(z.string()),
  logKeys: z.array(Word),
  metricLabels: z.array(Word),
});
export type Registry = z.infer<typeof Registry>;

/**
 * The coverage of an erasure: the services that must stop, the stores, how a tenant is found in them, and
 * what may remain. Receipts and certificates contain its version, and each version ever used is kept in
 * packages/contracts/registry.
 */
export const Coverage = z.object({
  version: z.number().int().positive(),
  /** At least one process of each must have acknowledged the fence. */
  services: z.array(z.enum(serviceNames)),
  collections: z.array(z.object(coveredCollection)),
  queues: z.array(z.object(coveredQueue)),
  outlives: z.array(Outliving),
});
export type Coverage = z.infer<typeof Coverage>;
