import {
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { Schema, type Connection, type Model } from 'mongoose';

/** The DKIM keys of one sender domain. Private keys are sealed under the tenant's account key. */
export interface DkimKeyDocument {
  /** Id of the domain. */
  _id: string;
  tenant: string;
  /** Of the RSA key. */
  selector: string;
  /** Sealed PKCS #8, DER. The public key is derived from it and not stored. */
  privateKey: Buffer;
  /** The Ed25519 key; absent in a document of an earlier release until the next start of a process. */
  ed25519Selector?: string;
  ed25519PrivateKey?: Buffer;
  createdAt: number;
}

export type DkimKeyModel = Model<DkimKeyDocument>;

/** The collection `dkimKeys` of delivery's database. */
export function dkimKeyModel(database: Connection): DkimKeyModel {
  const schema = new Schema<DkimKeyDocument>(
    {
      _id: { type: String, required: true },
      tenant: { type: String, required: true },
      selector: { type: String, required: true },
      privateKey: { type: Buffer, required: true },
      ed25519Selector: String,
      ed25519PrivateKey: Buffer,
      createdAt: { type: Number, required: true },
    },
    { versionKey: false, collection: 'dkimKeys' },
  );
  // Only for erasures.
  schema.index({ tenant: 1 });
  return database.model<DkimKeyDocument>('DkimKey', schema);
}

/** The record name of a sealed private key. */
export const dkimKeyRecord = (
  domainId: string,
  field: 'privateKey' | 'ed25519PrivateKey',
): string => `dkimKeys:${domainId}:${field}`;

const generate = promisify(generateKeyPair);

/** RSA with 2048 bits (RFC 8301 3.2), generated on the thread pool, because it takes up to a second. */
export async function newRsaKey(): Promise<KeyObject> {
  const { privateKey } = await generate('rsa', { modulusLength: 2_048 });
  return privateKey;
}

export const newEd25519Key = (): KeyObject => generateKeyPairSync('ed25519').privateKey;

/** Contains no information except that it is ours. Never used for two keys. */
export const newSelector = (): string => `mysmtp-${randomBytes(5).toString('hex')}`;

/** The `p` tag of its record: SubjectPublicKeyInfo (RFC 6376 3.6.1), or the 32 octets of Ed25519 (RFC 8463 4). */
export function publicKeyOf(privateKey: KeyObject): string {
  const publicKey = createPublicKey(privateKey);
  if (privateKey.asymmetricKeyType === 'rsa')
    return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
}

/** The value of the TXT record at SELECTOR._domainkey.DOMAIN (RFC 6376 3.6.1, RFC 8463 4). */
export const dnsRecordValue = (privateKey: KeyObject): string =>
  `v=DKIM1; k=${privateKey.asymmetricKeyType ?? ''}; p=${publicKeyOf(privateKey)}`;
