import { open, readFile } from 'node:fs/promises';
import { htmlOf } from './html-part.ts';
import { attachmentOf, viewMail } from './parse.ts';
import { summarize, type Summary } from './summary.ts';

/** How much of a mail's beginning the list looks at. */
const headSize = 64 * 1024;

/** What can be asked about mails in files. Runs in a thread of its own, see `read`. */
export const jobs = {
  summaries: (files: readonly string[]) =>
    Promise.all(
      files.map(async (file): Promise<Summary | undefined> => {
        // One that is gone or cannot be parsed does not take the others along.
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
