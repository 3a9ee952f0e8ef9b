import { longestTokenLife } from '@mysmtp/api';
import { day } from '@mysmtp/contracts';
import type { TokenDocument } from './model.ts';

/** Default lifetime of the token of an operator. Days. */
export const usualLife = 90;

export const inDays = (days: number, now: number): number => now + days * day;

/**
 * When a token expires, in milliseconds; `undefined` for the token of an owner, which is valid until
 * revoked. A token of an operator from before expiry was introduced ends a year after its creation.
 */
export function endOf({
  role,
  createdAt,
  expiresAt,
}: Pick<TokenDocument, 'role' | 'createdAt' | 'expiresAt'>): number | undefined {
  return role === 'operator' ? (expiresAt ?? inDays(longestTokenLife, createdAt)) : undefined;
}
