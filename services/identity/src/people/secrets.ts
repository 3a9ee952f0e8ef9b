import { randomBytes } from 'node:crypto';
import { hashToken } from '@mysmtp/http';

/** A secret that is shown once; only its SHA-256 is stored. */
export interface NewSecret {
  readonly secret: string;
  readonly hash: string;
}

/** 256 random bits in base64url. */
export function newSecret(prefix = ''): NewSecret {
  const secret = prefix + randomBytes(32).toString('base64url');
  return { secret, hash: hashToken(secret) };
}

/** RFC 4648 6, in lower case. 256 is a multiple of 32, so every letter is equally likely. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** How many recovery codes a person has. */
const recoveryCodeCount = 10;

/** 140 random bits in seven groups of four: `abcd-efgh-…`. So a fast hash is enough to store it. */
function newRecoveryCode(): string {
  const letters = Array.from(randomBytes(28), (octet) => alphabet[octet % alphabet.length]);
  return letters.join('').replaceAll(/.{4}(?!$)/g, '$&-');
}

export const newRecoveryCodes = (): string[] =>
  Array.from({ length: recoveryCodeCount }, newRecoveryCode);

/** Case, spaces and hyphens of an entered code do not matter. */
export const hashRecoveryCode = (code: string): string =>
  hashToken(code.toLowerCase().replaceAll(/[\s-]/g, ''));
