import {
  createCipheriv,
  createDecipheriv,
  randomFillSync,
  type CipherGCM,
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

/** `version | length of key id | key id | nonce`, `ciphertext`, `tag` */
export function sealAs(
  key: KeyObject,
  context: SealContext,
  as: Form,
  plain: Plain,
): readonly [Buffer, Buffer, Buffer] {
  const idLength = Buffer.byteLength(context.keyId);
  if (idLength === 0 || idLength > 255) throw new RangeError('A key id has 1 to 255 octets');
  const head = Buffer.allocUnsafe(2 + idLength + nonceLength);
  head[0] = version;
  head[1] = idLength;
  head.write(context.keyId, 2);
  const nonce = takeNonce();
  nonce.copy(head, 2 + idLength);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagLength });
  cipher.setAAD(additionalData(version, context, as));
  const ciphertext = plain instanceof Uint8Array ? cipher.update(plain) : updateAll(cipher, plain);
  // GCM is a stream mode: the ciphertext has the length of the plaintext, and the final call adds no octets.
  cipher.final();
  return [head, ciphertext, cipher.getAuthTag()];
}

/** Where pieces are joined. It is used again, because each new large buffer brings the next collection of garbage. */
let scratch = Buffer.alloc(0);
const mostScratch = 512 * 1024;

/** Encrypts the pieces together, because each call of the cipher costs more than a copy. */
function updateAll(cipher: CipherGCM, pieces: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  if (length > mostScratch) return cipher.update(Buffer.concat(pieces, length));
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length);
  let end = 0;
  for (const piece of pieces) {
    scratch.set(piece, end);
    end += piece.length;
  }
  const ciphertext = cipher.update(scratch.subarray(0, end));
  scratch.fill(0, 0, end);
  return ciphertext;
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
