import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { publishedKeysPath } from '@mysmtp/contracts';
import { z } from 'zod';
import { JwkSet } from './jws.ts';
import { agreed } from './published-keys.ts';

/** An input of the check is not available. */
export class InputError extends Error {}

const Erasure = z.object({ certificate: z.string() });

/** The compact JWS: the file itself, or inside the answer of privacy about an erasure. */
export async function readCertificate(file: string): Promise<string> {
  const content = (file === '-' ? await text(process.stdin) : await read(file)).trim();
  if (!content.startsWith('{')) return content;
  const erasure = Erasure.safeParse(json(content, file));
  if (erasure.success) return erasure.data.certificate;
  throw new InputError(
    `${file}: there is no certificate in it; an erasure has one once it is complete`,
  );
}

export interface Keys {
  readonly set: JwkSet;
  /** The source of the keys, for the output. */
  readonly origin: string;
}

/**
 * The keys that all these files or URLs publish together; without any, those of the stack that runs in this
 * folder.
 */
export async function readKeys(named: readonly string[]): Promise<Keys> {
  const origins = named.length > 0 ? named : await keysOfStack();
  const sets = await Promise.all(origins.map(readSet));
  return { set: agreed(sets), origin: origins.join(', ') };
}

async function readSet(origin: string): Promise<JwkSet> {
  const content = /^https?:\/\//.test(origin) ? await get(origin) : await read(origin);
  const set = JwkSet.safeParse(json(content, origin));
  if (!set.success) throw new InputError(`${origin}: this is no JWK Set`);
  return set.data;
}

const Facts = z.object({
  api: z.intersection(z.object({ privacy: z.url() }), z.record(z.string(), z.url())),
});

/** Privacy first. Every service publishes its own keys. */
async function keysOfStack(): Promise<string[]> {
  const file = path.join('.mysmtp', 'stack.json');
  const content = await readFile(file, 'utf8').catch(() => undefined);
  if (content === undefined) {
    throw new InputError(
      `No stack runs in this folder (there is no ${file}), so name the keys: --keys FILE-or-URL`,
    );
  }
  const facts = Facts.safeParse(json(content, file));
  if (!facts.success) throw new InputError(`${file}: it has no URL of privacy`);
  const { privacy, ...others } = facts.data.api;
  return [privacy, ...Object.values(others)].map((api) => new URL(publishedKeysPath, api).href);
}

/** The registry of personal data as it was while this version of it was used. */
export async function readRegistry(version: number): Promise<Uint8Array | undefined> {
  const dir = path.resolve(import.meta.dirname, '../../contracts/registry');
  return readFile(path.join(dir, `${String(version)}.json`)).catch(() => undefined);
}

function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${file}: it cannot be read (${error.code ?? error.name})`);
  });
}

async function get(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (response.ok) return await response.text();
    throw new InputError(`${url}: the answer was ${String(response.status)}`);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${url}: no answer`, { cause: error });
  }
}

function json(content: string, origin: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new InputError(`${origin}: this is no JSON`);
  }
}
