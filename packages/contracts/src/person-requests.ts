import { z } from 'zod';

/** A person has requested a right from a tenant, by the public page or by letter. */
export const PersonRequestNotice = z.strictObject({
  tenant: z.string(),
  /** Its id in privacy's ledger. */
  request: z.string(),
  /** `access`, `erasure` and others. */
  kind: z.string(),
  /** When it is executed; `null`: at once. Milliseconds since the epoch. */
  actsAt: z.int().nonnegative().nullable(),
  /** By law. Milliseconds since the epoch. */
  dueAt: z.int().nonnegative(),
});
export type PersonRequestNotice = z.infer<typeof PersonRequestNotice>;

/**
 * Somebody has requested data or an erasure in a session of this account, and the request waits because the
 * account was changed shortly before.
 */
export const WaitingRequestNotice = z.strictObject({
  realm: z.string(),
  person: z.string(),
  /** `access`, `erasure` and others. */
  kind: z.string(),
  /** Until when it waits. Milliseconds since the epoch. */
  actsAt: z.int().nonnegative(),
});
export type WaitingRequestNotice = z.infer<typeof WaitingRequestNotice>;

/** What an account has wrong, found by its address. */
export const AccountCorrection = z.strictObject({
  realm: z.string(),
  address: z.string(),
  /** When it was requested, in milliseconds: a link that was sent later is for this request. */
  since: z.int().nonnegative(),
  newAddress: z.string().optional(),
  newName: z.string().optional(),
});
export type AccountCorrection = z.infer<typeof AccountCorrection>;

/**
 * `corrected`: it is right now. `none`: no account has this address. `waits`: the new address was sent a link,
 * and nobody has used it yet. `expired`: nobody has used it in time. `taken`: another account has the new
 * address.
 */
export const accountCorrections = ['corrected', 'none', 'waits', 'expired', 'taken'] as const;
