import { Readable } from 'node:stream';
import type { Content } from '../message/content.ts';

/** The message as it goes over the wire, our signature in front. */
export function contentToSend(content: Content, signature: string): Buffer | Readable {
  if (content.octets !== undefined) {
    if (signature === '') return content.octets;
    return Buffer.concat([Buffer.from(signature, 'latin1'), content.octets]);
  }
  if (signature === '') return content.stream();
  return Readable.from(signedStream(content, signature), { highWaterMark: 1 });
}

async function* signedStream(content: Content, signature: string): AsyncGenerator<Buffer> {
  yield Buffer.from(signature, 'latin1');
  yield* content.stream() as AsyncIterable<Buffer>;
}
