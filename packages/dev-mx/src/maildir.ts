import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * A Maildir that any Maildir client can read: mails are written in `tmp` and moved to `new` when complete.
 */
export interface Maildir {
  readonly tmp: string;
  readonly fresh: string;
  /** The folder for mails that a mail client has seen. */
  readonly seen: string;
}

export async function openMaildir(dir: string): Promise<Maildir> {
  const maildir = {
    tmp: path.join(dir, 'tmp'),
    fresh: path.join(dir, 'new'),
    seen: path.join(dir, 'cur'),
  };
  for (const folder of Object.values(maildir)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  // Only this process writes there. Files of an earlier run were never answered with 250.
  for (const name of await readdir(maildir.tmp)) await rm(path.join(maildir.tmp, name));
  return maildir;
}

let latest = 0;

/**
 * A file name with the time (each name of this process is later than the one before), without the recipient.
 */
export function mailName(size: number): string {
  latest = Math.max(latest + 1, Math.trunc((performance.timeOrigin + performance.now()) * 1000));
  const seconds = String(Math.trunc(latest / 1_000_000)).padStart(10, '0');
  const micros = String(latest % 1_000_000).padStart(6, '0');
  return `${seconds}.M${micros}R${randomUUID().replaceAll('-', '')}.mx,S=${String(size)}`;
}

const namePattern = /^(?<seconds>\d{10})\.M(?<micros>\d{6})R[\da-f]{32}\.mx,S=(?<size>\d{1,10})$/;

export interface StoredMail {
  /** The name without the flags that a mail client adds. */
  readonly id: string;
  readonly file: string;
  readonly receivedAt: Date;
  readonly size: number;
}

/** The parts of a name; `undefined` for a file of another origin. */
export function readMailName(folder: string, name: string): StoredMail | undefined {
  const id = name.replace(/:2,[A-Za-z]*$/, '');
  const parts = namePattern.exec(id)?.groups;
  if (parts === undefined) return undefined;
  const micros = Number(parts['seconds']) * 1_000_000 + Number(parts['micros']);
  return {
    id,
    file: path.join(folder, name),
    receivedAt: new Date(micros / 1000),
    size: Number(parts['size']),
  };
}

export interface MailPage {
  readonly total: number;
  readonly mails: readonly StoredMail[];
  /** Older mails exist. */
  readonly more: boolean;
}

/** The newest mails, or the newest of those older than `before`. */
export async function listMails(
  maildir: Maildir,
  limit: number,
  before?: string,
): Promise<MailPage> {
  let total = 0;
  // Sorted, newest first, and never longer than requested, because a Maildir can contain a million.
  const newest: { readonly folder: string; readonly name: string }[] = [];
  for (const folder of [maildir.fresh, maildir.seen]) {
    for (const name of await readdir(folder)) {
      total += 1;
      if (before !== undefined && name >= before) continue;
      const last = newest.at(-1);
      if (newest.length > limit && last !== undefined && name < last.name) continue;
      if (readMailName(folder, name) === undefined) continue;
      const place = newest.findIndex((other) => other.name < name);
      newest.splice(place === -1 ? newest.length : place, 0, { folder, name });
      if (newest.length > limit + 1) newest.pop();
    }
  }
  const mails = newest.slice(0, limit).flatMap(({ folder, name }) => {
    const mail = readMailName(folder, name);
    return mail === undefined ? [] : [mail];
  });
  return { total, mails, more: newest.length > limit };
}

export async function findMail(maildir: Maildir, id: string): Promise<StoredMail | undefined> {
  // The pattern allows no separator, so an id names a file of these two folders or nothing.
  if (!namePattern.test(id)) return undefined;
  const fresh = await stat(path.join(maildir.fresh, id)).catch(() => undefined);
  if (fresh?.isFile()) return readMailName(maildir.fresh, id);
  const name = (await readdir(maildir.seen)).find((other) => other.startsWith(id));
  return name === undefined ? undefined : readMailName(maildir.seen, name);
}

/** Changes if a mail was added, removed or moved. */
export async function maildirVersion(maildir: Maildir): Promise<string> {
  const times = await Promise.all(
    [maildir.fresh, maildir.seen].map(async (folder) =>
      (await stat(folder, { bigint: true })).mtimeNs.toString(36),
    ),
  );
  return times.join('-');
}
