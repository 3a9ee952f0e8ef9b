import { ChannelEnded, type Channel } from './channel.ts';
import { createDotStuffer } from './dot-stuffing.ts';

/**
 * A message: in memory, or opened anew for each transaction that sends it. The octets are sent as they
 * are, with dots stuffed and a CRLF at the end if it lacks one.
 */
export type Content = Buffer | readonly Buffer[] | (() => AsyncIterable<Buffer>);

/** The message could not be read. */
export class ContentError extends Error {
  constructor(cause: unknown) {
    super('The message could not be read', { cause });
    this.name = 'ContentError';
  }
}

/** So that a reply before the end of a large message is seen before all of it is written. */
const block = 64 * 1024;

/**
 * Writes the message and its final dot. The last octets and the dot leave in one write: a small message
 * is one packet. `onFinal` is called right before, as from then on the server may take the message.
 */
export async function writeContent(
  channel: Channel,
  content: Content,
  onFinal: () => void,
): Promise<void> {
  const stuffer = createDotStuffer();
  let held: Buffer[] = [];
  for await (const octets of read(channel, content)) {
    for (let at = 0; at < octets.length; at += block) {
      if (held.length > 0) channel.write(held);
      await channel.drained();
      held = stuffer.stuff(octets.subarray(at, at + block));
    }
  }
  await channel.drained();
  onFinal();
  channel.writeFinal([...held, stuffer.end()]);
}

/** The source may be slow: the time of the attempt limits it, and the end of the connection. */
async function* read(channel: Channel, content: Content): AsyncGenerator<Buffer> {
  if (typeof content !== 'function') {
    yield* [content].flat();
    return;
  }
  let source: AsyncIterator<Buffer> | undefined;
  let isDone = false;
  try {
    source = content()[Symbol.asyncIterator]();
    for (;;) {
      const next = await channel.whileOpen('content', source.next());
      if (next.done === true) break;
      yield next.value;
    }
    isDone = true;
  } catch (error) {
    throw error instanceof ChannelEnded ? error : new ContentError(error);
  } finally {
    // Not waited for: it may be in the middle of a read that does not end.
    if (!isDone) source?.return?.()?.catch(() => undefined);
  }
}
