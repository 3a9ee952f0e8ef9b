import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { z } from 'zod';

/** A JWK Set (RFC 7517). */
export const JwkSet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });
export type JwkSet = z.infer<typeof JwkSet>;

/** What a signature covers, or why it is not to be believed. */
export type Opened =
  | { readonly kid: string; readonly payload: unknown }
  | { readonly reason: string };

/** Nothing else may be in it: what we do not know could change what the signature means. */
const Header = z.strictObject({ alg: z.string(), typ: z.string(), kid: z.string() });
const Ed25519Key = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });

/** Opens a compact JWS (RFC 7515) of this `typ`, signed with Ed25519 (RFC 8037) by one of the keys. */
export async function openJws(jws: string, typ: string, { keys }: JwkSet): Promise<Opened> {
  const header = isCanonical(jws) ? headerOf(jws) : undefined;
  if (header === undefined)
    return { reason: 'is no signed statement in the form that mySMTP uses' };
  const { alg, kid } = header;
  if (alg !== 'EdDSA') return { reason: `is signed by the method ${alg}, and only EdDSA counts` };
  if (header.typ !== typ) return { reason: `is a statement of another kind (${header.typ})` };
  const [key, ...more] = keys.filter((candidate) => candidate['kid'] === kid);
  if (key === undefined) return { reason: `names the key ${kid}, which is not among the keys` };
  if (more.length > 0) return { reason: `names the key ${kid}, and several keys have this name` };
  const published = Ed25519Key.safeParse(key);
  if (!published.success) return { reason: `names the key ${kid}, which is no Ed25519 key` };
  try {
    const publicKey = await importJWK(published.data, 'EdDSA');
    const { payload } = await compactVerify(jws, publicKey, { algorithms: ['EdDSA'] });
    return { kid, payload: JSON.parse(Buffer.from(payload).toString()) };
  } catch {
    return { reason: `does not fit its signature: it was changed, or the key is not ${kid}` };
  }
}

/**
 * Base64url in its one spelling (RFC 4648, 3.5). Decoders take others for the same octets, so that
 * somebody could change a character and it would hold all the same.
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
