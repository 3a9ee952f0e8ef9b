import {
  createCipheriv,
  createDecipheriv,
  randomFillSync,
  type DecipherGCM,
  type KeyObject,
} from 'node:crypto';
import { additionalData, type Form, type OpenContext, type SealContext } from './context.ts';

/**
 * `malformed`: not a sealed value of a known version. `wrong_key_or_tampered`: sealed under another key, for
 * another tenant or record, or changed.
 */
export class SealError extends Error {
  readonly kind: 'malformed' | 'wrong_key_or_tampered';

  constructor(kind: SealError['kind']) {
    super(`The sealed value cannot be opened: ${kind}`);
    this.name = 'SealError';
    this.kind = kind;
  }
}

const algorithm = 'aes-256-gcm';
const version = 1;
const nonceLength = 12;
const tagLength = 16;

/** Random octets are generated for many nonces at once, because the call costs more than the octets. */
const nonces = Buffer.alloc(nonceLength * 512);
let nextNonce = nonces.length;

/**
 * A random 96-bit nonce (NIST SP 800-38D 8.2.2). A key may seal 2^32 values (8.3); keys are per
 * tenant and day, which keeps them far below that.
 */
function takeNonce(): Buffer {
  if (nextNonce === nonces.length) {
    randomFillSync(nonces);
    nextNonce = 0;
  }
  const nonce = nonces.subarray(nextNonce, nextNonce + nonceLength);
  nextNonce += nonceLength;
  return nonce;
}

/** Octets to seal, in one or several pieces. */
export type Plain = Uint8Array | readonly Uint8Array[];

/** `version | length of key id | key id | nonce | ciphertext | tag` */
export function sealAs(key: KeyObject, context: SealContext, as: Form, plain: Plain): Buffer {
  const pieces = plain instanceof Uint8Array ? [plain] : plain;
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const idLength = Buffer.byteLength(context.keyId);
  if (idLength === 0 || idLength > 255) throw new RangeError('A key id has 1 to 255 octets');
  const start = 2 + idLength + nonceLength;
  const sealed = Buffer.allocUnsafe(start + length + tagLength);
  sealed[0] = version;
  sealed[1] = idLength;
  sealed.write(context.keyId, 2);
  const nonce = takeNonce();
  nonce.copy(sealed, 2 + idLength);
  // The pieces are joined where their ciphertext goes, because each call of the cipher costs more than a copy.
  let end = start;
  for (const piece of pieces) {
    sealed.set(piece, end);
    end += piece.length;
  }
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagLength });
  cipher.setAAD(additionalData(version, context, as));
  // GCM is a stream mode: the ciphertext has the length of the plaintext, and the final call adds no octets.
  cipher.update(sealed.subarray(start, end)).copy(sealed, start);
  cipher.final();
  cipher.getAuthTag().copy(sealed, end);
  return sealed;
}

export function openAs(key: KeyObject, context: OpenContext, as: Form, sealed: Uint8Array): Buffer {
  const { keyId, body } = split(sealed);
  const decipher: DecipherGCM = createDecipheriv(algorithm, key, body.subarray(0, nonceLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(additionalData(version, { ...context, keyId }, as));
  decipher.setAuthTag(body.subarray(body.length - tagLength));
  const plain = decipher.update(body.subarray(nonceLength, body.length - tagLength));
  try {
    // It adds no octets, it only verifies.
    decipher.final();
  } catch {
    throw new SealError('wrong_key_or_tampered');
  }
  return plain;
}

/** The key id in clear, and what follows it: nonce, ciphertext, tag. */
export function split(sealed: Uint8Array): { keyId: string; body: Buffer } {
  const octets = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const idLength = octets[1] ?? 0;
  const shortest = 2 + idLength + nonceLength + tagLength;
  if (octets[0] !== version || idLength === 0 || octets.length < shortest) {
    throw new SealError('malformed');
  }
  return {
    keyId: octets.toString('utf8', 2, 2 + idLength),
    body: octets.subarray(2 + idLength),
  };
}
