import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  contentOf,
  readContent,
  reader,
  Signed as Payload,
  signedKinds,
  type SaidOf,
  type ServiceName,
  type SignedKindName,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import {
  CompactSign,
  compactVerify,
  createLocalJWKSet,
  decodeProtectedHeader,
  importJWK,
  type JSONWebKeySet,
  type JWK,
} from 'jose';
import { Counter, type Registry } from 'prom-client';
import { z } from 'zod';
import { createOnce } from './once.ts';

/**
 * `unsigned`: no JWS of our form; `other_kind`, `other_speaker`: signed as something else, or by who may
 * not say it; `signature`: not of the key that it names; `late`, `again`: a broadcast that was heard too
 * late, or twice; `no_request`: privacy's ledger has no such request; `other_request`: it answers
 * another request; `other_sender`: it came over the exchange or with the token of another service.
 * `unreadable` is no forgery: its speaker is of another version.
 */
const refusals = [
  'unsigned',
  'other_kind',
  'other_speaker',
  'other_sender',
  'signature',
  'late',
  'again',
  'no_request',
  'other_request',
  'unreadable',
] as const;
type Refusal = (typeof refusals)[number];

/** What was said, by whom and when (milliseconds since the epoch), or why it must not be acted upon. */
export type Heard<Kind extends SignedKindName> =
  | { readonly said: SaidOf<Kind>; readonly by: ServiceName; readonly at: number }
  | { readonly refused: Refusal };

/** Signs what this service says, and verifies what others have said. */
export interface Signed {
  sign<Kind extends SignedKindName>(kind: Kind, said: SaidOf<Kind>): Promise<Buffer>;
  /** What is refused is logged and counted here. */
  hear<Kind extends SignedKindName>(kind: Kind, content: Buffer): Promise<Heard<Kind>>;
  /** Logs and counts what is refused for another reason than its signature. */
  refuse(kind: SignedKindName, reason: Refusal): void;
}

/** Nothing else may be in it: what we do not know could change what the signature means. */
const Header = z.strictObject({ alg: z.literal('EdDSA'), typ: z.string(), kid: z.string() });

/** Compact JWS (RFC 7515, Ed25519) under the service's own key, verified with the published keys. */
export async function openSigned(house: {
  readonly name: ServiceName;
  readonly config: { readonly serviceKeyFile: string; readonly serviceJwksFile: string };
  readonly log: Logger;
  readonly metrics: Registry;
}): Promise<Signed> {
  const { name: service, config, log, metrics } = house;
  const key = await importJWK(await read<JWK>(config.serviceKeyFile), 'EdDSA');
  const keys = createLocalJWKSet(await read<JSONWebKeySet>(config.serviceJwksFile));
  const once = createOnce();
  const refused = new Counter({
    name: 'mysmtp_messages_refused_total',
    help: 'Messages between services that were not acted upon, because they were not proven.',
    labelNames: ['kind', 'reason'],
    registers: [metrics],
  });
  // There from the start: an alert needs a zero to rise from.
  for (const kind of Object.keys(signedKinds)) {
    for (const reason of refusals) refused.inc({ kind, reason }, 0);
  }

  function refuse(kind: SignedKindName, reason: Refusal): void {
    refused.inc({ kind, reason });
    log.error('message.refused', { status: kind, reason });
  }

  async function open<Kind extends SignedKindName>(
    kind: Kind,
    content: Buffer,
  ): Promise<Heard<Kind>> {
    const { typ, schema, speakers } = signedKinds[kind];
    const jws = content.toString('latin1');
    const header = headerOf(jws);
    if (header === undefined) return { refused: 'unsigned' };
    if (header.typ !== typ) return { refused: 'other_kind' };
    const by = speakers.find((speaker) => speaker === header.kid);
    if (by === undefined) return { refused: 'other_speaker' };
    const verified = await compactVerify(jws, keys, { algorithms: ['EdDSA'] }).catch(
      () => undefined,
    );
    if (verified === undefined) return { refused: 'signature' };
    const payload = readContent(Payload, Buffer.from(verified.payload));
    if (payload === undefined) return { refused: 'unreadable' };
    const { at, id } = payload;
    if (signedKinds[kind].once) {
      const reason = once.refusal(`${typ} ${id}`, at, Date.now());
      if (reason !== undefined) return { refused: reason };
    }
    const said = reader<z.ZodType>(schema).safeParse(payload.said);
    if (!said.success) return { refused: 'unreadable' };
    return { said: said.data as SaidOf<Kind>, by, at };
  }

  return {
    async sign(kind, said) {
      const { typ, schema } = signedKinds[kind];
      const payload = { at: Date.now(), id: randomUUID(), said: schema.parse(said) };
      const jws = await new CompactSign(contentOf(Payload, payload))
        .setProtectedHeader({ alg: 'EdDSA', typ, kid: service })
        .sign(key);
      return Buffer.from(jws, 'latin1');
    },
    async hear(kind, content) {
      const heard = await open(kind, content);
      if ('refused' in heard) refuse(kind, heard.refused);
      return heard;
    },
    refuse,
  };
}

async function read<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

function headerOf(jws: string): z.infer<typeof Header> | undefined {
  try {
    return Header.safeParse(decodeProtectedHeader(jws)).data;
  } catch {
    return undefined;
  }
}
