import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '@mysmtp/test-kit';
import { expect } from 'vitest';
import type { Envelope } from '../../src/index.ts';
import { envelope } from '../client.ts';
import { mailDirOf } from './running.ts';

interface Mail {
  readonly content: Buffer;
  /** The text by which it is found. */
  readonly mark: string;
}

let mails = 0;

/** With a complete header, so that no server adds fields. */
export function mail(body: string | Buffer, subject = 'hello'): Mail {
  mails += 1;
  const mark = `<mail-${String(mails)}@example.net>`;
  const header = [
    'From: sender@example.net',
    'To: a@example.org',
    `Subject: ${subject}`,
    'Date: Thu, 01 Jan 2026 00:00:00 +0000',
    `Message-ID: ${mark}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: 8bit',
  ].join('\r\n');
  return { content: Buffer.concat([Buffer.from(`${header}\r\n\r\n`), Buffer.from(body)]), mark };
}

export const to = (content: Buffer, ...recipients: string[]): Envelope => ({
  ...envelope(...recipients),
  size: content.length,
  eightBit: true,
});

/** They deliver after they have accepted. */
const patience = { timeout: 25_000 };
/** Files do not change once they are in the folder. */
const texts = new Map<string, Promise<string>>();

async function filesOf(name: string): Promise<string[]> {
  const folder = mailDirOf(name);
  const files = (await readdir(folder)).map((file) => path.join(folder, file));
  return Promise.all(
    files.map((file) => {
      const text = texts.get(file) ?? readFile(file, 'latin1');
      texts.set(file, text);
      return text;
    }),
  );
}

/** Without the header fields that servers add. Line ends are those of a file. */
export async function expectArrived(name: string, ...mails: readonly Mail[]): Promise<void> {
  await eventually(async () => {
    const files = await filesOf(name);
    for (const { content, mark } of mails) {
      const copies = files.filter((text) => text.includes(mark));
      expect(copies).not.toEqual([]);
      const sent = content.toString('latin1').replaceAll('\r\n', '\n');
      for (const copy of copies) {
        const came = copy.slice(copy.indexOf('From: ')).replaceAll('\r\n', '\n');
        expect(came === sent).toBe(true);
      }
    }
  }, patience);
}
