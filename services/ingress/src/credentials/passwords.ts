import { createHash, timingSafeEqual } from 'node:crypto';
import type { Reply } from '@mysmtp/mail';
import type { Projection } from '@mysmtp/projection';
import type { IsAuthorized, Sender, StoppedReply } from './sender.ts';

export interface Passwords {
  /** The credential with this user name, and its tenant. */
  named(username: string): Pick<Sender, 'tenant' | 'credential'> | undefined;
  /**
   * The sender with this user name and password. `unavailable` while the projection is not ready, because a
   * refusal or an acceptance could be wrong then.
   */
  verify(username: string, password: string): Sender | 'unavailable' | Failure;
}

/** `credential` is for our log only: the client gets the same reply in both cases. */
export interface Failure {
  readonly credential: string | undefined;
  /** The reply if the password is right and an operator has stopped the account or the credential. */
  readonly stopped?: Reply | undefined;
}

interface Known extends Sender {
  readonly hash: Buffer;
  /** The password before a rotation, valid until that time. */
  readonly previous: { readonly hash: Buffer; readonly until: number };
}

/** No known text has this SHA-256 hash. */
const unusedHash = Buffer.alloc(32);
const unused = { hash: unusedHash, previous: { hash: unusedHash, until: 0 } };

/** Password credentials by user name, updated from identity. */
export function createPasswords(
  projection: Pick<Projection, 'isReady' | 'onChange'>,
  isAuthorized: IsAuthorized,
  stoppedReply: StoppedReply,
  clock: { now(): number },
): Passwords {
  const byUsername = new Map<string, Known>();
  projection.onChange((change, before) => {
    if (change.entity !== 'credential') return;
    const isItsOwn = (username: string) => byUsername.get(username)?.credential === change.id;
    if (before !== undefined && 'username' in before && isItsOwn(before.username)) {
      byUsername.delete(before.username);
    }
    if (change.state?.kind !== 'password') return;
    const { username, tenant, secretHash, previous } = change.state;
    byUsername.set(username, {
      tenant,
      credential: change.id,
      hash: Buffer.from(secretHash, 'base64url'),
      previous:
        previous === undefined
          ? unused.previous
          : { hash: Buffer.from(previous.secretHash, 'base64url'), until: previous.until },
    });
  });

  return {
    named: (username) => byUsername.get(username),
    verify(username, password) {
      if (!projection.isReady()) return 'unavailable';
      const known = byUsername.get(username);
      const given = createHash('sha256').update(password).digest();
      // The same work for an unknown user as for a known one, and with or without a rotation.
      const { hash, previous } = known ?? unused;
      const isCurrent = timingSafeEqual(given, hash);
      const isPrevious = timingSafeEqual(given, previous.hash) && clock.now() < previous.until;
      const matches = isCurrent || isPrevious;
      if (known === undefined || !matches) return { credential: known?.credential };
      if (!isAuthorized(known)) {
        return { credential: known.credential, stopped: stoppedReply(known) };
      }
      return { tenant: known.tenant, credential: known.credential };
    },
  };
}
