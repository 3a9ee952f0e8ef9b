import { createSecretKey, type KeyObject } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { CodedError, KeyId, type KeysGiven, type ServiceName } from '@mysmtp/contracts';

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Octets of a key. */
const keyLength = 32;

/** Keys that only one process can open. */
export type SealedKeys = Pick<KeysGiven, 'ids' | 'enc' | 'sealed'>;

/** Binds sealed keys to a request and a service. They do not open for any other. */
export interface Purpose {
  /** Id of the request. */
  readonly request: string;
  readonly tenant: string;
  /** The service that sent the request. */
  readonly service: ServiceName;
}

/** Opens values that are sealed to its public key (X25519, base64url). */
export interface Recipient {
  readonly publicKey: string;
  open(keys: SealedKeys, purpose: Purpose): Promise<Record<KeyId, KeyObject>>;
}

/** Creates a key pair. The private key exists only in the memory of this object. */
export async function createRecipient(): Promise<Recipient> {
  const { privateKey, publicKey } = await suite.kem.generateKeyPair();
  return {
    publicKey: textOf(await suite.kem.serializePublicKey(publicKey)),
    async open({ ids, enc, sealed }, purpose) {
      const params = { recipientKey: privateKey, enc: octetsOf(enc), info: infoOf(purpose) };
      const plain = await suite.open(params, octetsOf(sealed), bindingOf(purpose, ids));
      const octets = Buffer.from(plain);
      try {
        if (octets.length !== ids.length * keyLength) {
          throw new CodedError('keys_malformed', 'The numbers of keys and ids differ');
        }
        return Object.fromEntries(
          ids.flatMap((id, index) => {
            if (!KeyId.safeParse(id).success) return [];
            const at = index * keyLength;
            return [[id, createSecretKey(octets.subarray(at, at + keyLength))]];
          }),
        );
      } finally {
        octets.fill(0);
      }
    },
  };
}

/** Seals keys (RFC 9180, mode_base) and fills their octets with zeros. */
export async function sealKeys(
  keys: Readonly<Record<KeyId, Buffer>>,
  publicKey: string,
  purpose: Purpose,
): Promise<SealedKeys> {
  const ids = Object.keys(keys);
  const octets = new Uint8Array(ids.length * keyLength);
  try {
    for (const [index, key] of Object.values(keys).entries()) octets.set(key, index * keyLength);
    const recipientPublicKey = await suite.kem.deserializePublicKey(octetsOf(publicKey));
    const params = { recipientPublicKey, info: infoOf(purpose) };
    const { enc, ct } = await suite.seal(params, octets.buffer, bindingOf(purpose, ids));
    return { ids, enc: textOf(enc), sealed: textOf(ct) };
  } finally {
    octets.fill(0);
    for (const key of Object.values(keys)) key.fill(0);
  }
}

const infoOf = ({ service }: Purpose) => octetsOf(`mysmtp keys for ${service}`, 'utf8');

const bindingOf = ({ request, tenant }: Purpose, ids: readonly string[]) =>
  octetsOf(JSON.stringify([request, tenant, ids]), 'utf8');

const textOf = (octets: ArrayBuffer) => Buffer.from(octets).toString('base64url');

/** Copies into memory of its own, because a `Buffer` may be a part of a larger one. */
const octetsOf = (text: string, encoding: 'base64url' | 'utf8' = 'base64url') =>
  new Uint8Array(Buffer.from(text, encoding)).buffer;
