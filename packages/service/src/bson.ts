import type { mongo } from 'mongoose';

const duplicateKey = 11_000;

/** Whether the server refused a write, or one of several, because a document with this key exists. */
export const isDuplicateKey = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === duplicateKey;

/** The octets of a binary field: the driver returns a `Binary`, or a `Buffer` if promotion is on. */
export function octetsOf(field: Buffer | mongo.Binary): Buffer {
  if (Buffer.isBuffer(field)) return field;
  const { buffer, byteOffset, byteLength } = field.value();
  return Buffer.from(buffer, byteOffset, byteLength);
}
