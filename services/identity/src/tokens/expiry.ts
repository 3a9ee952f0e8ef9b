import { longestTokenLife } from '@mysmtp/api';
import { day } from '@mysmtp/contracts';
import type { TokenDocument } from './model.ts';

/** How long an operator's token lives unless said. Days. */
export const usualLife = 90;

export const inDays = (days: number, now: number): number => now + days * day;

/**
 * When a token ends, in milliseconds; `undefined` for an owner's, which lives until it is revoked. An
 * operator's that was made before there was an expiry ends a year after it was made.
 */
export function endOf({
  role,
  createdAt,
  expiresAt,
}: Pick<TokenDocument, 'role' | 'createdAt' | 'expiresAt'>): number | undefined {
  return role === 'operator' ? (expiresAt ?? inDays(longestTokenLife, createdAt)) : undefined;
}
