import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  contentOf,
  readContent,
  reader,
  Signed as SignedEnvelope,
  signedKinds,
  type PayloadOf,
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

/**
 * `unsigned`: not a JWS of our form. `other_kind`, `other_signer`: signed as another kind, or by a
 * service that may not send it. `signature`: not made with the named key. `late`, `again`: a broadcast
 * that arrived too late, or twice. `no_request`: privacy's ledger has no such request. `other_request`:
 * it answers another request. `other_sender`: it came over the exchange or with the token of another
 * service. `unreadable` is no forgery: its sender has another release.
 */
const refusals = [
  'unsigned',
  'other_kind',
  'other_signer',
  'other_sender',
  'signature',
  'late',
  'again',
  'no_request',
  'other_request',
  'unreadable',
] as const;
type Refusal = (typeof refusals)[number];

/**
 * The verified payload, its sender and signing time (milliseconds since the epoch), or the reason for
 * refusal.
 */
export type VerifiedMessage<Kind extends SignedKindName> =
  | { readonly payload: PayloadOf<Kind>; readonly by: ServiceName; readonly at: number }
  | { readonly refused: Refusal };

/** Signs messages of this service and verifies messages of others. */
export interface Signed {
  sign<Kind extends SignedKindName>(kind: Kind, payload: PayloadOf<Kind>): Promise<Buffer>;
  /** Logs and counts a refusal. */
  verify<Kind extends SignedKindName>(kind: Kind, content: Buffer): Promise<VerifiedMessage<Kind>>;
  /** Logs and counts a refusal for another reason than the signature. */
  refuse(kind: SignedKindName, reason: Refusal): void;
}

/** No other member is allowed: an unknown one could change the meaning of the signature. */
const Header = z.strictObject({ alg: z.literal('EdDSA'), typ: z.string(), kid: z.string() });

/** Compact JWS (RFC 7515, Ed25519) under the service's own key, verified with the published keys. */
export async function openSigned(context: {
  readonly name: ServiceName;
  readonly config: { readonly serviceKeyFile: string; readonly serviceJwksFile: string };
  readonly log: Logger;
  readonly metrics: Registry;
}): Promise<Signed> {
  const { name: service, config, log, metrics } = context;
  const key = await importJWK(await read<JWK>(config.serviceKeyFile), 'EdDSA');
  const keys = createLocalJWKSet(await read<JSONWebKeySet>(config.serviceJwksFile));
  const once = createOnce();
  const refused = new Counter({
    name: 'mysmtp_messages_refused_total',
    help: 'Messages between services that were refused because they were not proven.',
    labelNames: ['kind', 'reason'],
    registers: [metrics],
  });
  // Initialized to 0, because an alert needs an increase from 0.
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
  ): Promise<VerifiedMessage<Kind>> {
    const { typ, schema, speakers } = signedKinds[kind];
    const jws = content.toString('latin1');
    const header = headerOf(jws);
    if (header === undefined) return { refused: 'unsigned' };
    if (header.typ !== typ) return { refused: 'other_kind' };
    const by = speakers.find((speaker) => speaker === header.kid);
    if (by === undefined) return { refused: 'other_signer' };
    const verified = await compactVerify(jws, keys, { algorithms: ['EdDSA'] }).catch(
      () => undefined,
    );
    if (verified === undefined) return { refused: 'signature' };
    const envelope = readContent(SignedEnvelope, Buffer.from(verified.payload));
    if (envelope === undefined) return { refused: 'unreadable' };
    const { at, id } = envelope;
    if (signedKinds[kind].once) {
      const reason = once.refusal(`${typ} ${id}`, at, Date.now());
      if (reason !== undefined) return { refused: reason };
    }
    const payload = reader<z.ZodType>(schema).safeParse(envelope.payload);
    if (!payload.success) return { refused: 'unreadable' };
    return { payload: payload.data as PayloadOf<Kind>, by, at };
  }

  return {
    async sign(kind, payload) {
      const { typ, schema } = signedKinds[kind];
      const envelope = { at: Date.now(), id: randomUUID(), payload: schema.parse(payload) };
      const jws = await new CompactSign(contentOf(SignedEnvelope, envelope))
        .setProtectedHeader({ alg: 'EdDSA', typ, kid: service })
        .sign(key);
      return Buffer.from(jws, 'latin1');
    },
    async verify(kind, content) {
      const verified = await open(kind, content);
      if ('refused' in verified) refuse(kind, verified.refused);
      return verified;
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

/**
 * Greatest tolerated difference between now and a broadcast's signing time, in either direction, because
 * clocks of machines differ. Milliseconds.
 */
const window = 60_000;

interface Once {
  /** Why a broadcast with this name, signed `at`, is refused `now`; `undefined` if it is valid. */
  refusal(name: string, at: number, now: number): 'late' | 'again' | undefined;
}

/** Keeps the ids of broadcasts for as long as they could be replayed. */
function createOnce(): Once {
  const verified = new Map<string, number>();
  return {
    refusal(name, at, now) {
      if (Math.abs(now - at) > window) return 'late';
      for (const [other, until] of verified) if (until < now) verified.delete(other);
      if (verified.has(name)) return 'again';
      verified.set(name, at + window);
      return undefined;
    },
  };
}
