import { createHash, timingSafeEqual } from 'node:crypto';
import type { Projection } from '@mysmtp/projection';
import type { IsInForce, Sender } from './sender.ts';

export interface Passwords {
  /**
   * Whose user name and password these are. `unavailable` while the projection is not whole: a
   * refusal might be a lie then, and so might an acceptance.
   */
  verify(username: string, password: string): Sender | 'unavailable' | Failure;
}

/** `credential` is for our log only: the client gets the same answer either way. */
export interface Failure {
  readonly credential: string | undefined;
}

interface Known extends Sender {
  readonly hash: Buffer;
}

/** No SHA-256 has a known text that gives this. */
const nobodysHash = Buffer.alloc(32);

/** Password credentials by user name, kept up with identity. */
export function createPasswords(projection: Projection, isInForce: IsInForce): Passwords {
  const byUsername = new Map<string, Known>();
  projection.onChange((change, before) => {
    if (change.entity !== 'credential') return;
    const isItsOwn = (username: string) => byUsername.get(username)?.credential === change.id;
    if (before !== undefined && 'username' in before && isItsOwn(before.username)) {
      byUsername.delete(before.username);
    }
    if (change.state?.kind !== 'password') return;
    const { username, tenant, secretHash } = change.state;
    const hash = Buffer.from(secretHash, 'base64url');
    byUsername.set(username, { tenant, credential: change.id, hash });
  });

  return {
    verify(username, password) {
      if (!projection.isWhole()) return 'unavailable';
      const known = byUsername.get(username);
      const given = createHash('sha256').update(password).digest();
      // The same work for an unknown user as for a known one.
      const matches = timingSafeEqual(given, known?.hash ?? nobodysHash);
      if (known === undefined || !matches || !isInForce(known)) {
        return { credential: known?.credential };
      }
      return { tenant: known.tenant, credential: known.credential };
    },
  };
}
