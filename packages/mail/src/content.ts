import { contentOf, Envelope, readContent } from '@mysmtp/contracts';

/** A message as it comes out of a broker message: its octets are elsewhere when it is spooled. */
export interface Mail {
  readonly envelope: Envelope;
  readonly message: Buffer | undefined;
}

/**
 * What is sealed into a broker message: `length of envelope (32 bits) | envelope (JSON) | message`.
 * The octets of the message are copied once.
 */
export function packMail(envelope: Envelope, ...message: readonly Uint8Array[]): Buffer {
  const json = contentOf(Envelope, envelope);
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, ...message]);
}

/** The way back; throws where the octets are not what `packMail` makes. */
export function unpackMail(plain: Buffer): Mail {
  const end = 4 + plain.readUInt32BE(0);
  if (end > plain.length) throw new RangeError('The envelope is cut off');
  const envelope = readContent(Envelope, plain.subarray(4, end));
  if (envelope === undefined) throw new TypeError('The envelope is not as agreed');
  return { envelope, message: envelope.spool === null ? plain.subarray(end) : undefined };
}
