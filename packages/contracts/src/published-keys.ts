import { z } from 'zod';
import { serviceNames, type ServiceName } from './services.ts';

/** The path at which every service publishes the public keys that verify its signatures. */
export const publishedKeysPath = '/.well-known/jwks.json';

/**
 * A published Ed25519 public key (RFC 8037). `nbf` and `exp` limit when it may sign (NumericDate: seconds
 * since 1970 in UTC). Signatures from that period remain valid afterwards.
 */
export const PublishedKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
  /** The service whose receipts it signs. Absent: it signs certificates. */
  service: z.enum(serviceNames).optional(),
  nbf: z.number().optional(),
  exp: z.number().optional(),
});
export type PublishedKey = z.infer<typeof PublishedKey>;

/** A JWK Set (RFC 7517). */
export const PublishedKeySet = z.strictObject({ keys: z.array(PublishedKey) });
export type PublishedKeySet = z.infer<typeof PublishedKeySet>;

/** A key in a key file, with or without its private part. */
export interface StoredKey {
  readonly x?: string;
  readonly kid?: string;
  readonly service?: string;
  readonly nbf?: number;
  readonly exp?: number;
}

/** The published form of a key, without its private part. */
export function publishedKey(
  { x = '', kid = '', nbf, exp }: StoredKey,
  service?: ServiceName,
): PublishedKey {
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    x,
    kid,
    alg: 'EdDSA',
    use: 'sig',
    ...(service === undefined ? {} : { service }),
    ...(nbf === undefined ? {} : { nbf }),
    ...(exp === undefined ? {} : { exp }),
  };
}

/**
 * The keys of services in a key file (`SERVICE_JWKS_FILE`). The id of a current key is the name of its
 * service. A former key has another id and names the service.
 */
export function serviceKeysIn(keys: readonly StoredKey[]): PublishedKey[] {
  return keys.flatMap((key) => {
    const owner = serviceNames.find((name) => name === (key.service ?? key.kid));
    return owner === undefined ? [] : [publishedKey(key, owner)];
  });
}
