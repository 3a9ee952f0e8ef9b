import { createHash, randomBytes } from 'node:crypto';

/** RFC 4648 6, in lower case and without padding: safe in a shell, in AUTH and if read aloud. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

function randomText(length: number): string {
  // 256 is a multiple of 32, so every letter is equally likely.
  return Array.from(randomBytes(length), (octet) => alphabet[octet % alphabet.length]).join('');
}

/** A user name that contains no information about a person. */
export function newUsername(): string {
  return `mys_${randomText(16)}`;
}

/** 160 bits cannot be guessed, so a fast hash is enough to store it (ASVS 11.4.2). */
export function newPassword(): string {
  return randomText(32);
}

export function hashPassword(password: string): string {
  return createHash('sha256').update(password).digest('base64url');
}
