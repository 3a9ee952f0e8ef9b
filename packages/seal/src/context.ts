/** The identity of a sealed value. The value is bound to all three parts and opens with no other. */
export interface SealContext {
  readonly tenant: string;
  readonly keyId: string;
  /** Names the record of the value, such as `mail:ID`, so that sealed values cannot be swapped. */
  readonly record: string;
}

/** The key id is part of the sealed value. */
export type OpenContext = Omit<SealContext, 'keyId'>;

/** A whole value, or one chunk of a stream. Only the last chunk is marked as last. */
export const form = { whole: 0, chunk: 1, lastChunk: 2 } as const;
export type Form = (typeof form)[keyof typeof form];

/**
 * The additional data (AES-GCM's AAD): each part with its length in front, so that no two contexts have the
 * same octets.
 */
export function additionalData(version: number, context: SealContext, as: Form): Buffer {
  const parts = [context.tenant, context.keyId, context.record];
  let size = 2;
  for (const part of parts) size += 4 + Buffer.byteLength(part);
  const data = Buffer.allocUnsafe(size);
  data[0] = version;
  data[1] = as;
  let at = 2;
  for (const part of parts) {
    const length = data.write(part, at + 4);
    data.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return data;
}
