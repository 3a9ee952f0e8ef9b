import type { mongo } from 'mongoose';

const duplicateKey = 11_000;

/** Whether the server refused a write, or one of several, because there is a document with this key already. */
export const isDuplicateKey = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === duplicateKey;

/** The octets of a binary field: the driver gives a `Binary`, or a `Buffer` if it was told to promote it. */
export function octetsOf(field: Buffer | mongo.Binary): Buffer {
  if (Buffer.isBuffer(field)) return field;
  const { buffer, byteOffset, byteLength } = field.value();
  return Buffer.from(buffer, byteOffset, byteLength);
}
