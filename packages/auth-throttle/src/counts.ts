import { authAttemptsLimit, day, hour, minute, type AuthAttempts } from '@mysmtp/contracts';
import { clientNetworksOf } from '@mysmtp/http';
import { LRUCache } from 'lru-cache';

/** One attempt to authenticate, before its secret is compared. */
export interface Attempt {
  /** IP address of the client. */
  readonly address: string;
  /**
   * The account that the client names, with its kind: `smtp:ID`. It need not exist.
   * Without it only the network counts: a bearer token names no account.
   */
  readonly account?: string;
}

/**
 * `refused`: the secret must not be compared; `seconds`: when the client may try again. Otherwise it is
 * compared after `delay` milliseconds.
 */
export type Decision =
  | { readonly refused: 'pair' | 'network'; readonly seconds: number }
  | { readonly refused?: never; readonly seconds?: never; readonly delay: number };

/** Failures within this time count together, and a refusal lasts as long. */
export const window = 15 * minute;
/** How long an account that has authenticated from a network is known there. */
export const memory = 24 * hour;

/** Failures after which the next attempt is refused, or delayed. */
export const limits = {
  /** Of one account from one client network: refused. */
  pair: 10,
  /**
   * Of one client network, for all accounts; the /48 of an IPv6 address has four times as many: refused. Ten
   * failures without an account count as one, because a token cannot be guessed.
   */
  network: 50,
  /** Of one account from all networks: delayed. A refusal would let anybody lock an account. */
  account: 20,
} as const;

/** How many requested mails may be sent to one address in a time. */
export const mailLimit = { most: 5, window: hour } as const;

/** Milliseconds. A client waits up to five minutes for a reply (RFC 5321 4.5.3.2). */
const delay = 3_000;

/** Entries of each kind: some ten megabytes at most. The oldest are dropped first. */
const capacity = 100_000;

/** Memory only for the entries that there are: `max` would allocate it for all of them at the start. */
const atMost = (entries: number) => ({ maxSize: entries, sizeCalculation: () => 1 });

/** The counts of one process, by keyed hash, and what other processes have counted. */
export interface Counts {
  decide(attempt: Attempt): Decision;
  failed(attempt: Attempt, credential?: string): void;
  succeeded(attempt: Attempt): void;
  /**
   * Counts a requested mail to this address. `seconds`: it must not be sent, and when one
   * more may be.
   */
  countMail(address: string): { readonly seconds?: number };
  /**
   * Counts a sign-up from this IP address. `seconds`: its network has had `most` in a day, the /48 of an IPv6
   * address four times as many, and when one more may follow.
   */
  countSignUp(address: string, most: number): { readonly seconds?: number };
  /** What has been counted and not taken yet, up to the size of a message; `undefined` if nothing. */
  take(): Counted | undefined;
  /** Adds what another process has counted. */
  add(attempts: Counted): void;
}

type Counted = Pick<AuthAttempts, 'failures' | 'successes' | 'mails' | 'signUps'>;

interface Entry {
  /** Or mails, or sign-ups. */
  readonly failures: number;
  readonly until: number;
}

export function createCounts(deps: {
  /** A keyed hash, so that neither memory nor messages contain a network or a user name. */
  readonly hash: (text: string) => string;
  readonly clock: { now(): number };
  /** Called once when the limit of an account is reached. `credential`: its id, if the account exists. */
  readonly onThrottled: (credential: string | undefined) => void;
}): Counts {
  const { hash, clock, onThrottled } = deps;
  const failures = new LRUCache<string, Entry>(atMost(3 * capacity));
  /** Pairs that have authenticated, with the time until which they are known. */
  const known = new LRUCache<string, number>(atMost(capacity));
  const mails = new LRUCache<string, Entry>(atMost(capacity));
  const signUps = new LRUCache<string, Entry>(atMost(capacity));
  /** Not taken yet. */
  const counted = new Map<string, Failure>();
  const succeeded = new Set<string>();
  const mailed: string[] = [];
  const signedUp: string[] = [];

  /** All names of an attempt, hashed for a known account and for an unknown one alike. */
  function namesOf({ address, account }: Attempt) {
    const networks = clientNetworksOf(address).map(({ name, share }) => ({
      key: hash(`network ${name}`),
      limit: share * limits.network,
    }));
    if (account === undefined) return { networks };
    const pair = hash(`pair ${clientNetworksOf(address)[0]?.name ?? ''} ${account}`);
    return { networks, pair, account: hash(`account ${account}`) };
  }

  function entryOf(key: string, of = failures): Entry | undefined {
    const entry = of.get(key);
    return entry !== undefined && clock.now() < entry.until ? entry : undefined;
  }

  /** Returns whether the limit was reached now. */
  function count(key: string, limit: number, more: number): boolean {
    const entry = entryOf(key);
    const before = entry?.failures ?? 0;
    const reached = before < limit && before + more >= limit;
    // The window of a refusal starts when it begins.
    const until = entry === undefined || reached ? clock.now() + window : entry.until;
    failures.set(key, { failures: before + more, until });
    return reached;
  }

  function addOne(key: string, of: typeof mails, window: number): void {
    const { failures: before, until } = entryOf(key, of) ?? {
      failures: 0,
      until: clock.now() + window,
    };
    of.set(key, { failures: before + 1, until });
  }
  const addMail = (key: string): void => addOne(key, mails, mailLimit.window);
  const addSignUp = (key: string): void => addOne(key, signUps, day);

  const isKnown = (pair: string) => (known.get(pair) ?? 0) > clock.now();

  function secondsOf(key: string, limit: number, of = failures): number | undefined {
    const entry = entryOf(key, of);
    if (entry === undefined || entry.failures < limit) return undefined;
    return Math.ceil((entry.until - clock.now()) / 1_000);
  }

  function add({ networks, pair, account, credential, count: more }: Failure): void {
    const tenths = pair === undefined ? 1 : 10;
    for (const { key, limit } of networks) count(key, limit * 10, more * tenths);
    if (pair !== undefined) count(pair, limits.pair, more);
    if (account !== undefined && count(account, limits.account, more)) onThrottled(credential);
  }

  return {
    decide(attempt) {
      const { networks, pair, account } = namesOf(attempt);
      const ofPair = pair === undefined ? undefined : secondsOf(pair, limits.pair);
      if (ofPair !== undefined) return { refused: 'pair', seconds: ofPair };
      // Strangers behind the same address do not lock out an account that has authenticated from there.
      if (pair !== undefined && isKnown(pair)) return { delay: 0 };
      for (const { key, limit } of networks) {
        const seconds = secondsOf(key, limit * 10);
        if (seconds !== undefined) return { refused: 'network', seconds };
      }
      const isSlow = account !== undefined && secondsOf(account, limits.account) !== undefined;
      return { delay: isSlow ? delay : 0 };
    },
    failed(attempt, credential) {
      const names = namesOf(attempt);
      const failure: Failure = {
        ...names,
        ...(credential !== undefined && { credential }),
        count: 1,
      };
      add(failure);
      const key = failure.pair ?? failure.networks[0]?.key ?? '';
      counted.set(key, { ...failure, count: (counted.get(key)?.count ?? 0) + 1 });
    },
    succeeded(attempt) {
      const { pair } = namesOf(attempt);
      if (pair === undefined) return;
      failures.delete(pair);
      const end = clock.now() + memory;
      // Stored and broadcast once an hour.
      if ((known.get(pair) ?? 0) > end - hour) return;
      known.set(pair, end);
      succeeded.add(pair);
    },
    countMail(address) {
      const key = hash(`mail ${address.toLowerCase()}`);
      const seconds = secondsOf(key, mailLimit.most, mails);
      if (seconds !== undefined) return { seconds };
      addMail(key);
      mailed.push(key);
      return {};
    },
    countSignUp(address, most) {
      const networks = clientNetworksOf(address).map(({ name, share }) => ({
        key: hash(`sign-up ${name}`),
        limit: share * most,
      }));
      for (const { key, limit } of networks) {
        const seconds = secondsOf(key, limit, signUps);
        if (seconds !== undefined) return { seconds };
      }
      for (const { key } of networks) {
        addSignUp(key);
        signedUp.push(key);
      }
      return {};
    },
    take() {
      if (counted.size + succeeded.size + mailed.length + signedUp.length === 0) return undefined;
      const some = [...counted].slice(0, authAttemptsLimit);
      const successes = [...succeeded].slice(0, authAttemptsLimit);
      for (const [key] of some) counted.delete(key);
      for (const pair of successes) succeeded.delete(pair);
      return {
        failures: some.map(([, failure]) => failure),
        successes,
        ...(mailed.length > 0 && { mails: mailed.splice(0, authAttemptsLimit) }),
        ...(signedUp.length > 0 && { signUps: signedUp.splice(0, authAttemptsLimit) }),
      };
    },
    add(attempts) {
      for (const failure of attempts.failures) add(failure);
      for (const pair of attempts.successes) {
        failures.delete(pair);
        known.set(pair, clock.now() + memory);
      }
      for (const key of attempts.mails ?? []) addMail(key);
      for (const key of attempts.signUps ?? []) addSignUp(key);
    },
  };
}

type Failure = AuthAttempts['failures'][number];
