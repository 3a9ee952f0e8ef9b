import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A passkey in software (WebAuthn Level 3): ES256, attestation `none`. */
export interface Authenticator {
  create(options: CreationOptions, how?: Deviation): Record<string, unknown>;
  get(options: RequestOptions, how?: Deviation): Record<string, unknown>;
}

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
}

interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
}

/** What a hostile site or a weak authenticator does differently. */
interface Deviation {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly userVerified?: boolean;
  readonly counter?: number;
}

const text = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();

export function createAuthenticator(origin: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(16);
  let counter = 0;

  function clientData(type: string, challenge: string, how: Deviation): Buffer {
    const data = { type, challenge, origin: how.origin ?? origin, crossOrigin: false };
    return Buffer.from(JSON.stringify(data));
  }

  /** WebAuthn 6.1: hash of the relying party, flags (present, verified, attested), counter. */
  function authenticatorData(rpId: string, attested: Uint8Array, how: Deviation): Buffer {
    const flags = 0x01 | (how.userVerified === false ? 0 : 0x04) | (attested.length > 0 ? 0x40 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(how.counter ?? (counter += 1));
    return Buffer.concat([sha256(how.rpId ?? rpId), Buffer.from([flags]), count, attested]);
  }

  return {
    create({ challenge, rp }, how = {}) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey)]);
      const authData = authenticatorData(rp.id ?? '', attested, how);
      return {
        id: text(id),
        rawId: text(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: text(clientData('webauthn.create', how.challenge ?? challenge, how)),
          attestationObject: text(attestationObject(authData)),
          transports: ['internal'],
        },
      };
    },
    get({ challenge, rpId = '' }, how = {}) {
      const data = clientData('webauthn.get', how.challenge ?? challenge, how);
      const authData = authenticatorData(rpId, Buffer.alloc(0), how);
      const signature = sign('sha256', Buffer.concat([authData, sha256(data)]), privateKey);
      return {
        id: text(id),
        rawId: text(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: text(data),
          authenticatorData: text(authData),
          signature: text(signature),
        },
      };
    },
  };
}

/** CBOR of `{1: 2, 3: -7, -1: 1, -2: x, -3: y}` (RFC 9053 7.1.1). */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const octets = (value: string) =>
    Buffer.concat([Buffer.from([0x58, 0x20]), Buffer.from(value, 'base64url')]);
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    octets(x),
    Buffer.from([0x22]),
    octets(y),
  ]);
}

/** CBOR of `{fmt: "none", attStmt: {}, authData}`. */
function attestationObject(authData: Buffer): Buffer {
  const name = (word: string) => Buffer.from([0x60 + word.length, ...Buffer.from(word)]);
  const length = Buffer.from([0x58, authData.length]);
  return Buffer.concat([
    Buffer.from([0xa3]),
    name('fmt'),
    name('none'),
    name('attStmt'),
    Buffer.from([0xa0]),
    name('authData'),
    length,
    authData,
  ]);
}
