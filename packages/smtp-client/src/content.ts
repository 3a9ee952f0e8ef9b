import { ChannelEnded, sizeOf, type Channel } from './channel.ts';
import { createDotStuffer, endOf, lineEnd } from './dot-stuffing.ts';
import { isPositive } from './failure.ts';
import type { Reply } from './reply-parser.ts';

/**
 * A message: in memory, or opened anew for each transaction that sends it. The octets arrive unchanged, with
 * a CRLF added if it is missing at the end.
 */
export type Content = Buffer | readonly Buffer[] | (() => AsyncIterable<Buffer>);

/** The message could not be read. */
export class ContentError extends Error {
  constructor(cause: unknown) {
    super('The message could not be read', { cause });
    this.name = 'ContentError';
  }
}

/** A reply before the end of a large message is noticed before all of it is written. */
const block = 64 * 1024;

/** The size of one BDAT chunk in octets. Each costs a round trip, and is held in memory while it is read. */
const chunk = 256 * 1024;

/** The reply that decides the result of the message. */
export interface Answer {
  /** `content`: before the end of the message. */
  readonly stage: 'content' | 'final_dot';
  readonly reply: Reply;
  /** It arrived before the server had received all octets that it answers. */
  readonly isEarly: boolean;
}

/** The last octets of a message, after which the server may accept it. */
export interface LastOctets {
  /** Called right before they are sent. True if `follow` is to be called. */
  before(): boolean;
  /** Called right after they were sent: sends the commands of the next message. */
  follow(): void;
}

export type Write = (channel: Channel, content: Content, last: LastOctets) => Promise<Answer>;

/**
 * After 354: writes the message and its final dot. The last octets and the dot leave in one write, so a small
 * message is one packet.
 */
export const writeContent: Write = (channel, content, last) =>
  typeof content !== 'function' && sizeOf(piecesOf(content)) <= block
    ? writeAtOnce(channel, content, last)
    : writeInBlocks(channel, content, last);

function writeAtOnce(
  channel: Channel,
  content: Buffer | readonly Buffer[],
  last: LastOctets,
): Promise<Answer> {
  const stuffer = createDotStuffer();
  const octets: Buffer[] = [];
  for (const piece of piecesOf(content)) octets.push(...stuffer.stuff(piece));
  octets.push(stuffer.end());
  return writeLast(channel, octets, last);
}

const writeInBlocks: Write = async (channel, content, last) => {
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
  return writeLast(channel, [...held, stuffer.end()], last);
};

const piecesOf = (content: Buffer | readonly Buffer[]): readonly Buffer[] =>
  Buffer.isBuffer(content) ? [content] : content;

/**
 * Sends the message in chunks with BDAT (RFC 3030), each after the server has accepted the one before. Ends
 * with the first chunk that is not accepted, or with the last one.
 */
export const writeChunks: Write = async (channel, content, last) => {
  let held: Buffer[] = [];
  let size = 0;
  let end = lineEnd;
  for await (const octets of read(channel, content)) {
    end = endOf(end, octets);
    for (let at = 0; at < octets.length;) {
      // Only now is it known that another chunk follows.
      if (size === chunk) {
        channel.writeFinal([Buffer.from(`BDAT ${String(size)}\r\n`), ...held]);
        const answer = await answerTo(channel, 'content');
        if (answer.isEarly || !isPositive(answer.reply)) return answer;
        held = [];
        size = 0;
      }
      const piece = octets.subarray(at, at + chunk - size);
      held.push(piece);
      size += piece.length;
      at += piece.length;
    }
  }
  if (end !== lineEnd) held.push(Buffer.from(lineEnd));
  size = sizeOf(held);
  return writeLast(channel, [Buffer.from(`BDAT ${String(size)} LAST\r\n`), ...held], last);
};

function writeLast(channel: Channel, octets: readonly Buffer[], last: LastOctets): Promise<Answer> {
  const isFollowed = last.before();
  channel.writeFinal(octets, isFollowed);
  const answer = answerTo(channel, 'final_dot');
  if (isFollowed) last.follow();
  return answer;
}

const answerTo = (channel: Channel, stage: Answer['stage']): Promise<Answer> =>
  channel.reply(stage).then((reply) => {
    const hasLeft = channel.hasAllLeft();
    if (typeof hasLeft === 'boolean') return { stage, reply, isEarly: !hasLeft };
    return hasLeft.then((left) => ({ stage, reply, isEarly: !left }));
  });

/** The source may be slow: it is limited by the time of the attempt and by the end of the connection. */
async function* read(channel: Channel, content: Content): AsyncGenerator<Buffer> {
  if (typeof content !== 'function') {
    yield* piecesOf(content);
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
    // Not awaited, because a read may never end.
    if (!isDone) source?.return?.()?.catch(() => undefined);
  }
}
