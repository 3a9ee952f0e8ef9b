import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { mailName, type Maildir } from './maildir.ts';

/** The stream after DATA, dots unstuffed; `sizeExceeded` is true once it exceeds the limit. */
export interface Incoming extends AsyncIterable<Buffer> {
  readonly sizeExceeded: boolean;
}

export interface Envelope {
  /** Empty for `<>`. */
  readonly from: string;
  readonly to: readonly string[];
}

const tooLarge = () => Object.assign(new Error('over the limit'), { code: 'TOO_LARGE' });

/** Mails up to this size are written at once from memory; larger ones while they arrive. */
const inMemory = 256 * 1024;

/**
 * Stores a mail once for every recipient, below the lines that final delivery adds: Return-Path (RFC 5321
 * 4.4) and Delivered-To (RFC 9228). Either all recipients get it or none.
 */
export async function storeMail(
  maildir: Maildir,
  envelope: Envelope,
  incoming: Incoming,
): Promise<void> {
  const copies = envelope.to.map((recipient) => ({
    file: path.join(maildir.tmp, randomUUID()),
    head: Buffer.from(`Return-Path: <${envelope.from}>\r\nDelivered-To: ${recipient}\r\n`),
  }));
  try {
    const size = await write(copies, incoming);
    await Promise.all(
      copies.map(({ file, head }) =>
        rename(file, path.join(maildir.fresh, mailName(head.length + size))),
      ),
    );
  } catch (error) {
    await Promise.all(copies.map(({ file }) => rm(file, { force: true })));
    throw error;
  }
}

interface Copy {
  readonly file: string;
  readonly head: Buffer;
}

const create = { flag: 'wx', mode: 0o600 } as const;

/** Writes all copies and resolves with the size of the mail itself. */
async function write(copies: readonly Copy[], incoming: Incoming): Promise<number> {
  const chunks: Buffer[] = [];
  let size = 0;
  const iterator = incoming[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done) {
      if (incoming.sizeExceeded) throw tooLarge();
      const content = Buffer.concat(chunks, size);
      await Promise.all(
        copies.map(({ file, head }) => writeFile(file, Buffer.concat([head, content]), create)),
      );
      return size;
    }
    chunks.push(next.value);
    size += next.value.length;
    if (size > inMemory) break;
  }
  const rest = { [Symbol.asyncIterator]: () => iterator };
  return size + (await writeLarge(copies, chunks, rest, incoming));
}

/** The first copy is written from the stream, the others are copied from it. */
async function writeLarge(
  [first, ...others]: readonly Copy[],
  chunks: readonly Buffer[],
  rest: AsyncIterable<Buffer>,
  incoming: Incoming,
): Promise<number> {
  if (first === undefined) throw new Error('a mail without recipients');
  let size = 0;
  await using file = await open(first.file, create.flag, create.mode);
  await file.writev([first.head, ...chunks]);
  for await (const chunk of rest) {
    // A mail over the limit is read to its end, so that the refusal reaches the sender, and is not stored.
    if (incoming.sizeExceeded) continue;
    await file.write(chunk);
    size += chunk.length;
  }
  if (incoming.sizeExceeded) throw tooLarge();
  for (const copy of others) {
    await writeFile(copy.file, copy.head, create);
    await writeFile(copy.file, createReadStream(first.file, { start: first.head.length }), {
      flag: 'a',
    });
  }
  return size;
}
