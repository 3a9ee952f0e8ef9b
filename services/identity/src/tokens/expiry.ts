import { longestTokenLife } from '@mysmtp/api';
import { day } from '@mysmtp/contracts';
import type { TokenDocument } from './model.ts';

/** Default lifetime of the key of an operator. Days. */
export const usualLife = 90;

export const inDays = (days: number, now: number): number => now + days * day;

/**
 * When a key expires, in milliseconds; `undefined` if it is valid until revoked. A key of an operator from
 * before expiry was introduced ends a year after its creation.
 */
export function endOf({
  role,
  createdAt,
  expiresAt,
}: Pick<TokenDocument, 'role' | 'createdAt' | 'expiresAt'>): number | undefined {
  if (expiresAt !== undefined) return expiresAt;
  return role === 'operator' ? inDays(longestTokenLife, createdAt) : undefined;
}
