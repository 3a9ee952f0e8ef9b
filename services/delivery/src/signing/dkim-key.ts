import { createPublicKey, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Schema, type Connection, type Model } from 'mongoose';

/** The DKIM key of one sender domain. The private key is sealed under the tenant's account key. */
export interface DkimKeyDocument {
  /** Id of the domain. */
  _id: string;
  tenant: string;
  selector: string;
  /** Sealed PKCS #8, DER. The public key is derived from it and not stored. */
  privateKey: Buffer;
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
      createdAt: { type: Number, required: true },
    },
    { versionKey: false, collection: 'dkimKeys' },
  );
  // Only for erasures.
  schema.index({ tenant: 1 });
  return database.model<DkimKeyDocument>('DkimKey', schema);
}

/** The record name of a sealed private key. */
export const dkimKeyRecord = (domainId: string): string => `dkimKeys:${domainId}:privateKey`;

const generate = promisify(generateKeyPair);

/** RSA with 2048 bits (RFC 8301 3.2), generated on the thread pool, because it takes up to a second. */
export async function newPrivateKey(): Promise<KeyObject> {
  const { privateKey } = await generate('rsa', { modulusLength: 2_048 });
  return privateKey;
}

/** Contains no information except that it is ours. Never used for two keys. */
export const newSelector = (): string => `mysmtp-${randomBytes(5).toString('hex')}`;

/** The `p` tag of its record (RFC 6376 3.6.1). */
export const publicKeyOf = (privateKey: KeyObject): string =>
  createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');

/** The value of the TXT record at SELECTOR._domainkey.DOMAIN (RFC 6376 3.6.1). */
export const dnsRecordValue = (privateKey: KeyObject): string =>
  `v=DKIM1; k=rsa; p=${publicKeyOf(privateKey)}`;
