import { createHash } from 'node:crypto';
import { answeringStores, type Certificate, type ServiceName } from '@mysmtp/contracts';
import { z } from 'zod';
import type { Check } from './check.ts';
import type { FrozenRegistry } from './frozen-registry.ts';
import type { JwkSet } from './jws.ts';

type Jwk = JwkSet['keys'][number];

/** The validity of a key. Milliseconds; unlimited on a side that the key does not name. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

const octetsOfKey = 32;
const Ed25519Key = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });
const Times = z.object({ nbf: z.number().optional(), exp: z.number().optional() });

/**
 * The thumbprint of an Ed25519 key (RFC 7638, with the members of RFC 8037, 2), over the octets of the key,
 * because base64url has several texts for one key. `undefined` for a key of another kind.
 */
export function thumbprintOf(key: unknown): string | undefined {
  const known = Ed25519Key.safeParse(key);
  if (!known.success) return undefined;
  const octets = Buffer.from(known.data.x, 'base64url');
  if (octets.length !== octetsOfKey) return undefined;
  const members = { crv: 'Ed25519', kty: 'OKP', x: octets.toString('base64url') };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** `nbf` and `exp` of a key (NumericDate). A key whose times are no numbers is never valid. */
export function validityOf(key: Jwk): Validity {
  const times = Times.safeParse(key);
  if (!times.success) return { from: Infinity, until: -Infinity };
  const { nbf = -Infinity, exp = Infinity } = times.data;
  return { from: nbf * 1_000, until: exp * 1_000 };
}

/** Why a key was not valid at this time (RFC 3339); `undefined` if it was. */
export function invalidAt(at: string, key: Jwk): string | undefined {
  const { from, until } = validityOf(key);
  const time = Date.parse(at);
  if (time >= from && time < until) return undefined;
  const words = [
    Number.isFinite(from) ? `from ${dateOf(from)}` : '',
    Number.isFinite(until) ? `until ${dateOf(until)}` : '',
  ].filter((word) => word !== '');
  return words.length === 0 ? 'at no time' : words.join(' ');
}

/** The keys that sign certificates. None of them belongs to a service. */
export const certificateKeysIn = ({ keys }: JwkSet): JwkSet => ({
  keys: keys.filter((key) => !('service' in key)),
});

/** The current and former keys with which a service signs receipts. */
export const keysOfService = ({ keys }: JwkSet, service: ServiceName): JwkSet => ({
  keys: keys.filter((key) => key['service'] === service),
});

/**
 * Combines several sources: a key counts if each source that names a key of its owner contains it, and only
 * for the times that all of them allow. So no single source must be trusted.
 */
export function agreed(sets: readonly JwkSet[]): JwkSet {
  const [first = { keys: [] }, ...others] = sets;
  if (others.length === 0) return first;
  const owners = new Set(sets.flatMap(({ keys }) => keys.map(ownerOf)));
  return {
    keys: [...owners].flatMap((owner) => {
      const named = sets
        .map(({ keys }) => keys.filter((key) => ownerOf(key) === owner))
        .filter((keys) => keys.length > 0);
      const [keys = [], ...rest] = named;
      return keys.flatMap((key) => {
        const same = rest.map((them) => them.find((other) => isSame(key, other)));
        return same.every((other) => other !== undefined) ? [narrowed(key, same)] : [];
      });
    }),
  };
}

/**
 * A key belongs to one service; otherwise one service could sign for another. Keys are compared by their
 * octets. Keys listed in the certificate must be among the published ones; they prove nothing more.
 */
export function checkKeyOwners(
  { serviceKeys }: Certificate,
  published: JwkSet,
  registry: FrozenRegistry | undefined,
): Check {
  const owners = new Map<string, string>();
  const reasons = new Set<string>();
  const listed = serviceKeys.keys.map((key) => ({ ...key, service: key['kid'] }));
  for (const key of [...published.keys, ...listed]) {
    const print = thumbprintOf(key);
    if (print === undefined) continue;
    const name = ownerOf(key);
    const owner = owners.get(print);
    if (owner === undefined) owners.set(print, name);
    else if (owner !== name) {
      reasons.add(`The key ${inWords(name)} is also the key ${inWords(owner)}`);
    }
  }
  for (const key of listed) {
    const known = published.keys.some(
      (other) => ownerOf(other) === ownerOf(key) && isSame(key, other),
    );
    if (!known) {
      reasons.add(
        `It lists a key ${inWords(ownerOf(key))} that is not among the published keys of that service`,
      );
    }
  }
  const signers = registry === undefined ? [] : answeringStores(registry, 'tenant').values();
  for (const service of new Set(signers)) {
    if (keysOfService(published, service).keys.length === 0) {
      reasons.add(`There is no published key of ${service}`);
    }
  }
  return {
    holds: 'Each service has published keys of its own, and the certificate lists no other',
    reasons: [...reasons],
  };
}

const ownerOf = (key: Jwk): string =>
  'service' in key ? `service ${String(key['service'])}` : 'certificates';

const inWords = (owner: string): string => `of ${owner.replace(/^service /, '')}`;

const isSame = (key: Jwk, other: Jwk): boolean => {
  const print = thumbprintOf(key);
  return print !== undefined && print === thumbprintOf(other);
};

function narrowed(key: Jwk, others: readonly Jwk[]): Jwk {
  const all = [key, ...others].map(validityOf);
  const from = Math.max(...all.map((each) => each.from));
  const until = Math.min(...all.map((each) => each.until));
  return {
    ...key,
    ...(from === -Infinity ? {} : { nbf: from / 1_000 }),
    ...(until === Infinity ? {} : { exp: until / 1_000 }),
  };
}

/** A time of a key may be outside the calendar. */
const dateOf = (time: number): string =>
  Number.isNaN(new Date(time).getTime()) ? String(time) : new Date(time).toISOString();
