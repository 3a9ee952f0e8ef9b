import { createHash, createHmac, type KeyObject } from 'node:crypto';
import { SecurityEvent, type AuditClass } from '@mysmtp/contracts';
import { z } from 'zod';

/** An entry of the audit chain. It has no personal data and outlives its payload. */
export interface ChainEntry {
  /** 1, 2, 3 … without a gap. */
  readonly seq: number;
  /** When it was chained. Milliseconds since the epoch, never before the entry before. */
  readonly time: number;
  readonly type: string;
  /** Digest of the entry before. */
  readonly prev: string;
  /** The chain key: the id of the `audit` key of the operators' realm from which it is derived. */
  readonly keyId: string;
  /** SHA-256 of salt and payload. */
  readonly commitment: string;
  /** HMAC-SHA-256 over all other fields under the chain key. */
  readonly mac: string;
}

/** The end of a chain. */
export type Position = Pick<ChainEntry, 'seq' | 'time'> & { readonly digest: string };

const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('base64url');
};

/** The end of an empty chain. */
export const beforeFirst: Position = { seq: 0, time: 0, digest: sha256('mysmtp audit chain 1') };

/** Octets of a salt. Without it a commitment does not reveal its payload, however few payloads are likely. */
export const saltLength = 32;

/** Base64url, as all hashes here. */
export const commitmentOfPayload = (salt: Uint8Array, payload: string): string =>
  sha256(salt, payload);

/**
 * The content of an entry: the event without the full address of the client, which lives for days only. An
 * entry about other entries says which.
 */
export const AuditPayload = z.object({
  ...SecurityEvent.omit({ client: true }).shape,
  /** The service that reported it, by its exchange. */
  by: z.string().optional(),
  /** Of `payload_erased`: first and last number of each range. */
  erased: z.array(z.tuple([z.number().int(), z.number().int()])).optional(),
  /** Of `payload_expired`: the class, and the time (milliseconds) before which its payloads are deleted. */
  expired: z.object({ class: z.enum(['security', 'audit']), below: z.number().int() }).optional(),
  /** Of `chain_checked`: how far a full check of the chain is. */
  checked: z
    .object({
      seq: z.number().int(),
      time: z.number().int(),
      digest: z.string(),
      /** When this check began. Milliseconds. */
      began: z.number().int(),
      /** Whether it has reached the end of the chain. */
      isFull: z.boolean(),
      /** When a check last reached the end; `null` if none has yet. Milliseconds. */
      lastFull: z.number().int().nullable(),
      /** The process that checks. */
      process: z.string(),
    })
    .optional(),
});
export type AuditPayload = z.infer<typeof AuditPayload>;
export type About = {
  readonly by?: string;
  readonly erased?: readonly (readonly [number, number])[];
  readonly expired?: { readonly class: AuditClass; readonly below: number };
  readonly checked?: NonNullable<AuditPayload['checked']>;
};

/** The text of the payload. It is stored, sealed, and never written again, so its form need not be unique. */
export const payloadOf = (event: SecurityEvent, about: About = {}): string =>
  JSON.stringify({ ...event, client: undefined, ...about });

/** Consecutive numbers as ranges. `seqs` ascend. */
export function rangesOf(seqs: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const seq of seqs) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === seq - 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges;
}

/** The chain key of a month. Its holder can make entries, but no payload opens with it. */
export const chainKeyOf = (auditKeyOfRealm: KeyObject): Buffer =>
  createHmac('sha256', auditKeyOfRealm).update('mysmtp audit chain 1').digest();

type Unsigned = Omit<ChainEntry, 'mac'>;

/** The octets of an entry: an array in a fixed order, so that there is one form only. */
const fieldsOf = ({ seq, time, type, prev, keyId, commitment }: Unsigned) => [
  seq,
  time,
  type,
  prev,
  keyId,
  commitment,
];

export const macOf = (chainKey: Uint8Array, entry: Unsigned): string =>
  createHmac('sha256', chainKey)
    .update(JSON.stringify(fieldsOf(entry)))
    .digest('base64url');

/** Includes the MAC, so that an entry can be followed by one other only. */
export const digestOf = (entry: ChainEntry): string =>
  sha256(JSON.stringify([...fieldsOf(entry), entry.mac]));

/** The entry that follows this end of the chain. */
export function linked(
  end: Position,
  chainKey: Uint8Array,
  content: Pick<ChainEntry, 'time' | 'type' | 'keyId' | 'commitment'>,
): ChainEntry {
  const entry = { ...content, seq: end.seq + 1, prev: end.digest };
  return { ...entry, mac: macOf(chainKey, entry) };
}
