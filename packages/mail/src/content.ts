import { contentOf, Envelope, readContent } from '@mysmtp/contracts';

/** An unpacked message of the broker. If it is spooled, its octets are in the spool. */
export interface Mail {
  readonly envelope: Envelope;
  readonly message: Buffer | undefined;
}

/**
 * The content of a sealed broker message, in pieces: `length of envelope (32 bits) | envelope (JSON) | message`.
 * The octets of the message are not copied.
 */
export function packMail(envelope: Envelope, ...message: readonly Uint8Array[]): Uint8Array[] {
  const json = contentOf(Envelope, envelope);
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(json.length);
  return [length, json, ...message];
}

/** The reverse of `packMail`; throws for any other octets. */
export function unpackMail(plain: Buffer): Mail {
  const end = 4 + plain.readUInt32BE(0);
  if (end > plain.length) throw new RangeError('The envelope is cut off');
  const envelope = readContent(Envelope, plain.subarray(4, end));
  if (envelope === undefined) throw new TypeError('The envelope does not match its schema');
  return { envelope, message: envelope.spool === null ? plain.subarray(end) : undefined };
}
