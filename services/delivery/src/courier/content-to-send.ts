import { Readable } from 'node:stream';
import type { Content } from '../message/content.ts';

/** The message as it goes over the wire, our signature in front: parts in memory, or a stream. */
export function contentToSend(content: Content, signature: string): readonly Buffer[] | Readable {
  const field = Buffer.from(signature, 'latin1');
  if (content.octets !== undefined) return [field, content.octets];
  return signature === ''
    ? content.stream()
    : Readable.from(signedStream(content, field), { highWaterMark: 1 });
}

async function* signedStream(content: Content, field: Buffer): AsyncGenerator<Buffer> {
  yield field;
  yield* content.stream() as AsyncIterable<Buffer>;
}
