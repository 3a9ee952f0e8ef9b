import { z } from 'zod';
import { growingWord } from './message.ts';

/**
 * The end of the audit chain at one time. Logging signs it and privacy keeps it, so that the chain cannot be
 * cut or rewritten in one database alone. Its digest commits to all entries before.
 */
export const AuditHead = z.strictObject({
  v: z.literal(1),
  /** Number of the last entry. */
  seq: z.number().int().positive(),
  /** Time of the last entry. Milliseconds. */
  time: z.number().int(),
  /** Digest of the last entry, base64url. */
  digest: z.string(),
});
export type AuditHead = z.infer<typeof AuditHead>;

/** `POST /internal/v1/audit/heads` of privacy: a signed head (compact JWS), or nothing: then it returns the newest head. */
export const KeepAuditHead = z.strictObject({ jws: z.string().optional() });

/**
 * `kept`, or `known` already. `superseded`: another process was faster. `refused`: it goes back, or names
 * another entry than the kept head of this number. `head`: the newest that is kept.
 */
export const AuditHeadKept = z.strictObject({
  result: growingWord(['none', 'kept', 'known', 'superseded', 'refused'], 'refused'),
  head: AuditHead.nullable(),
});
export type AuditHeadKept = z.infer<typeof AuditHeadKept>;
