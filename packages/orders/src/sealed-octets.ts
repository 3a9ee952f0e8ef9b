import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Octets that only the owner of the key pair can open. */
export interface SealedOctets {
  readonly enc: string;
  readonly sealed: string;
}

/** A key pair (X25519) of one order, both halves in base64url. */
export interface OrderKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export async function createOrderKeys(): Promise<OrderKeys> {
  const pair = await suite.kem.generateKeyPair();
  return {
    publicKey: textOf(await suite.kem.serializePublicKey(pair.publicKey)),
    privateKey: textOf(await suite.kem.serializePrivateKey(pair.privateKey)),
  };
}

/** Seals octets (RFC 9180, mode_base). They open for the same `binding` only. */
export async function sealOctets(
  publicKey: string,
  binding: readonly string[],
  octets: Buffer,
): Promise<SealedOctets> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(octetsOf(publicKey));
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info },
    new Uint8Array(octets).buffer,
    bound(binding),
  );
  return { enc: textOf(enc), sealed: textOf(ct) };
}

export async function openOctets(
  privateKey: string,
  binding: readonly string[],
  { enc, sealed }: SealedOctets,
): Promise<Buffer> {
  const recipientKey = await suite.kem.deserializePrivateKey(octetsOf(privateKey));
  const params = { recipientKey, enc: octetsOf(enc), info };
  return Buffer.from(await suite.open(params, octetsOf(sealed), bound(binding)));
}

const textOf = (octets: ArrayBuffer) => Buffer.from(octets).toString('base64url');

/** Copies into memory of its own, because a `Buffer` may be a part of a larger one. */
const octetsOf = (text: string, encoding: 'base64url' | 'utf8' = 'base64url') =>
  new Uint8Array(Buffer.from(text, encoding)).buffer;

const info = octetsOf('mysmtp data of a person for privacy', 'utf8');
const bound = (binding: readonly string[]) => octetsOf(JSON.stringify(binding), 'utf8');
