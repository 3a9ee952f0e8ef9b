import { open, readFile } from 'node:fs/promises';
import { htmlOf } from './html-part.ts';
import { attachmentOf, viewMail } from './parse.ts';
import { summarize, type Summary } from './summary.ts';

/** The part of a mail that is read for the list. */
const headSize = 64 * 1024;

/** The requests about mails in files. They run in a separate thread, see `read`. */
export const jobs = {
  summaries: (files: readonly string[]) =>
    Promise.all(
      files.map(async (file): Promise<Summary | undefined> => {
        // A missing or unreadable mail does not fail the others.
        return summarize(await headOf(file)).catch(() => undefined);
      }),
    ),
  view: async (file: string) => viewMail(await readFile(file)),
  html: async (file: string) => htmlOf(await readFile(file)),
  attachment: async ({ file, index }: { readonly file: string; readonly index: number }) =>
    attachmentOf(await readFile(file), index),
};

export type Jobs = typeof jobs;

async function headOf(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headSize), 0, headSize, 0);
  return buffer.subarray(0, bytesRead);
}
