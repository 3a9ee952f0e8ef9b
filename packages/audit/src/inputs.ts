import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { InputError, invalidAt, keysOfService, openSigned, type JwkSet } from '@mysmtp/certificate';
import { AuditHead, Signed, signedKinds } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ChainEntry } from './format.ts';
import type { Content, Head } from './verify.ts';

/** An entry as `GET /v1/audit/entries` of logging shows it. */
const ShownEntry = z.object({
  seq: z.int(),
  time: z.int(),
  type: z.string(),
  prev: z.string(),
  keyId: z.string(),
  commitment: z.string(),
  mac: z.string(),
  state: z.enum(['shown', 'hidden', 'deleted']),
  payload: z.string().nullable(),
  salt: z.string().nullable(),
});
type ShownEntry = z.infer<typeof ShownEntry>;

/** One answer of the API on each line. */
const Page = z.object({ entries: z.array(ShownEntry) });

/** The entries of a file, in its order. Throws an `InputError`. */
export async function* readEntries(file: string): AsyncGenerator<[ChainEntry, Content]> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (line.trim() === '') continue;
      const page = Page.safeParse(parsed(line));
      if (!page.success) {
        throw new InputError(
          `${file}, line ${String(number)}: this is no answer of GET /v1/audit/entries`,
        );
      }
      for (const shown of page.data.entries) yield [shown, contentOf(shown)];
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${file}: it cannot be read`, { cause: error });
  }
}

function contentOf({ state, payload, salt }: ShownEntry): Content {
  if (state !== 'shown') return { state };
  // Without them nothing fits the commitment, which is the result that it must have.
  return { state, salt: Buffer.from(salt ?? '', 'base64url'), payload: payload ?? '' };
}

const Heads = z.object({ heads: z.array(z.object({ jws: z.string() })) });

/** The heads that logging has really signed, and why others do not count. */
export async function readHeads(
  file: string,
  keys: JwkSet,
): Promise<{ readonly heads: readonly Head[]; readonly reasons: readonly string[] }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(`${file}: it cannot be read`, { cause: error });
  });
  const listed = Heads.safeParse(parsed(text));
  if (!listed.success) {
    throw new InputError(`${file}: this is no answer of GET /v1/audit/heads of privacy`);
  }
  const heads: Head[] = [];
  const reasons: string[] = [];
  for (const [index, { jws }] of listed.data.heads.entries()) {
    const head = await openHead(jws, keys);
    if (typeof head === 'string') reasons.push(`Head ${String(index + 1)} of the file ${head}`);
    else heads.push(head);
  }
  return { heads, reasons };
}

/** A head, or why it does not count. */
async function openHead(jws: string, keys: JwkSet): Promise<Head | string> {
  const ofLogging = keysOfService(keys, 'logging').keys;
  const opened = await openSigned(jws, signedKinds.auditHead.typ, () => ofLogging);
  if ('reason' in opened) return opened.reason;
  const envelope = z.object(Signed.shape).safeParse(opened.payload);
  const head = z.object(AuditHead.shape).safeParse(envelope.data?.payload);
  if (envelope.data === undefined || head.data === undefined) return 'has another form';
  const invalid = invalidAt(new Date(envelope.data.at).toISOString(), opened.key);
  return invalid === undefined ? head.data : `was signed when its key was valid ${invalid}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
