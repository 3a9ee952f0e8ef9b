import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';

/**
 * Lengths of a password in characters (Unicode code points). Eight are enough, because no password alone
 * opens anything: every account has a second factor (ASVS 6.2.1, NIST SP 800-63B 3.1.1.1). There are no
 * rules of composition.
 */
export const passwordLength = { least: 8, most: 256 } as const;

/**
 * Argon2id (RFC 9106) with the parameters that OWASP recommends: 19 MiB of memory, two passes, one thread.
 */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** How many hashes are computed at once, 19 MiB each, … */
const atOnce = 2;
/** … and how many may wait. They take about a second. */
const waiting = 40;

/** Too many passwords wait for their hash. The client may retry in seconds. */
export class BusyError extends Error {
  constructor() {
    super('Too many passwords wait for their hash');
    this.name = 'BusyError';
  }
}

/**
 * About 49,000 passwords that were found most often in breaches, in lower case. Loaded when somebody chooses a
 * password, because they take 8 MB.
 */
async function isBreached(simple: string): Promise<boolean> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return dictionary['passwords-common'].includes(simple);
}

/**
 * The same text for all ways in which a keyboard may enter it (Unicode NFC). Nothing is trimmed or cut off.
 */
const normalised = (password: string): string => password.normalize('NFC');

/** Why this password is refused, as part of a sentence; `undefined` if it is accepted. */
export async function refusalOf(password: string, address: string): Promise<string | undefined> {
  const text = normalised(password);
  const length = Array.from(text).length;
  const { least, most } = passwordLength;
  if (length < least) return `must have at least ${String(least)} characters`;
  if (length > most) return `must have at most ${String(most)} characters`;
  const simple = text.toLowerCase();
  if (await isBreached(simple)) return 'is on the list of breached passwords';
  const [localPart = ''] = address.toLowerCase().split('@');
  if ([address.toLowerCase(), localPart].includes(simple)) return 'must not be the address';
  return undefined;
}

/** Hashes and verifies passwords, a limited number at once, so that a flood cannot use all memory. */
export interface Passwords {
  /** Returns the hash in PHC format, with its salt and parameters. Throws a `BusyError`. */
  hash(password: string): Promise<string>;
  /**
   * Whether it is the password of this hash. Without a hash the answer is no after the same work, so that
   * the time of an answer does not show whether an account exists (ASVS 6.3.8). Throws a `BusyError`.
   */
  verify(stored: string | undefined, password: string): Promise<boolean>;
}

export async function createPasswords(): Promise<Passwords> {
  const limit = pLimit(atOnce);
  const nobodys = await hash(crypto.randomUUID(), cost);

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (limit.pendingCount >= waiting) throw new BusyError();
    return limit(work);
  }

  return {
    hash: async (password) => inTurn(() => hash(normalised(password), cost)),
    async verify(stored, password) {
      const matches = await inTurn(() => verify(stored ?? nobodys, normalised(password)));
      return stored !== undefined && matches;
    },
  };
}
