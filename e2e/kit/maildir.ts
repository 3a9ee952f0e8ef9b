import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hashOf } from './load.ts';

/** One file of the local MX's Maildir: one message for one recipient. */
export interface Delivered {
  readonly id: string | undefined;
  readonly returnPath: string;
  readonly deliveredTo: string;
  /** Header block and body as received. */
  readonly head: string;
  readonly body: Buffer;
  readonly bodyHash: string;
  /** Milliseconds since the epoch; 0 if unknown. */
  readonly arrivedAt: number;
}

const cache = new Map<string, Delivered>();

/** All mail that has arrived so far. Files never change, so each is read once. */
export async function readMaildir(maildir: string): Promise<Delivered[]> {
  const folder = path.join(maildir, 'new');
  const names = await readdir(folder).catch(() => []);
  const delivered: Delivered[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const known = cache.get(file);
    const message = known ?? { ...parse(await readFile(file)), arrivedAt: arrivalOf(name) };
    cache.set(file, message);
    delivered.push(message);
  }
  return delivered;
}

/** The mail of a test's own receiver, in the form of a Maildir. */
export function deliveredTo(
  received: readonly { to: readonly string[]; raw: Buffer }[],
): Delivered[] {
  return received.flatMap(({ to, raw }) =>
    to.map((recipient) => ({ ...parse(raw), deliveredTo: recipient })),
  );
}

/** The local MX names a file after its arrival time: `SECONDS.MMICROSECONDS…`. */
function arrivalOf(name: string): number {
  const [, seconds, micros] = /^(\d+)\.M(\d+)/.exec(name) ?? [];
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}

function parse(raw: Buffer): Delivered {
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.subarray(0, end).toString('latin1');
  const body = raw.subarray(end + 4);
  return {
    id: headerOf(head, 'X-Test-Id'),
    returnPath: headerOf(head, 'Return-Path') ?? '',
    deliveredTo: headerOf(head, 'Delivered-To') ?? '',
    head,
    body,
    bodyHash: hashOf(body),
    arrivedAt: 0,
  };
}

/** The first field of that name, unfolded. */
export function headerOf(head: string, name: string): string | undefined {
  const match = new RegExp(String.raw`^${name}:[ \t]*((?:.*)(?:\r\n[ \t].*)*)`, 'im').exec(head);
  return match?.[1]?.replaceAll(/\r\n[ \t]+/g, ' ').trim();
}
