import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { z } from 'zod';

/** A JWK Set (RFC 7517). */
export const JwkSet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });
export type JwkSet = z.infer<typeof JwkSet>;
type Jwk = JwkSet['keys'][number];

/** The content of a signature, or the reason why it is not valid. */
export type Opened =
  | { readonly kid: string; readonly key: Jwk; readonly payload: unknown }
  | { readonly reason: string };

/** Strict, because an unknown member could change the meaning of the signature. */
const Header = z.strictObject({ alg: z.string(), typ: z.string(), kid: z.string() });
const Ed25519Key = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });

/** Opens a compact JWS (RFC 7515) of this `typ`, signed with Ed25519 (RFC 8037) by the key that it names. */
export function openJws(jws: string, typ: string, { keys }: JwkSet): Promise<Opened> {
  return openSigned(jws, typ, (kid) => {
    const named = keys.filter((key) => key['kid'] === kid);
    if (named.length < 2) return named;
    return { reason: `names the key ${kid}, and several keys have this name` };
  });
}

/** Opens one that is signed by any of the keys with the `kid` of its header. */
export async function openSigned(
  jws: string,
  typ: string,
  keysOf: (kid: string) => readonly Jwk[] | { readonly reason: string },
): Promise<Opened> {
  const header = isCanonical(jws) ? headerOf(jws) : undefined;
  if (header === undefined)
    return { reason: 'is no signed statement in the form that mySMTP uses' };
  const { alg, kid } = header;
  if (alg !== 'EdDSA') return { reason: `is signed by the method ${alg}, and only EdDSA counts` };
  if (header.typ !== typ) return { reason: `is a statement of another kind (${header.typ})` };
  const keys = keysOf(kid);
  if ('reason' in keys) return keys;
  if (keys.length === 0) return { reason: `names the key ${kid}, which is not among the keys` };
  const usable = keys.filter((key) => Ed25519Key.safeParse(key).success);
  if (usable.length === 0) return { reason: `names the key ${kid}, which is no Ed25519 key` };
  for (const key of usable) {
    const payload = await payloadOf(jws, Ed25519Key.parse(key));
    if (payload !== undefined) return { kid, key, payload: payload.content };
  }
  return { reason: `does not fit its signature: it was changed, or the key is not ${kid}` };
}

async function payloadOf(
  jws: string,
  { x, ...key }: z.infer<typeof Ed25519Key>,
): Promise<{ readonly content: unknown } | undefined> {
  try {
    // In canonical base64url, so that it can be compared with other keys.
    const canonical = { ...key, x: Buffer.from(x, 'base64url').toString('base64url') };
    const publicKey = await importJWK(canonical, 'EdDSA');
    const { payload } = await compactVerify(jws, publicKey, { algorithms: ['EdDSA'] });
    return { content: JSON.parse(Buffer.from(payload).toString()) };
  } catch {
    return undefined;
  }
}

/**
 * Canonical base64url (RFC 4648, 3.5). Decoders accept other texts for the same octets, so a changed
 * character would go undetected.
 */
function isCanonical(jws: string): boolean {
  return jws
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

function headerOf(jws: string): z.infer<typeof Header> | undefined {
  try {
    return Header.safeParse(decodeProtectedHeader(jws)).data;
  } catch {
    return undefined;
  }
}
