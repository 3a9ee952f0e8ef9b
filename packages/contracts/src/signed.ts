import { z } from 'zod';
import { AuditHead } from './audit-head.ts';
import { callersOf } from './callers.ts';
import { ErasureAnswer, ErasureCommand, FenceRaised, QueueMarker } from './erasure.ts';
import { IdentityChange } from './identity.ts';
import { KeysAsked, KeysDropped, KeysGiven } from './keys.ts';
import { Order, OrderAnswer } from './orders.ts';
import { serviceNames, type ServiceName } from './services.ts';

/** A kind of message that its sender signs, because it grants or destroys something. */
interface SignedKind {
  /** `typ` of the JWS (RFC 7515 4.1.9). It prevents that one kind is accepted as another. */
  readonly typ: string;
  readonly speakers: readonly ServiceName[];
  readonly schema: z.ZodType;
  /**
   * True for a broadcast: it arrives within seconds or never, so it is valid once and for a minute. Other
   * messages may wait in a queue for days. A command, a marker and an answer are bound to a request in
   * the ledger, and a change of identity to the version of its entity. Given keys are bound to the
   * request for them, and the request to a key pair of its sender.
   */
  readonly once: boolean;
}

export const signedKinds = {
  fence: {
    typ: 'mysmtp-fence+jws',
    speakers: ['privacy'],
    schema: FenceRaised,
    once: true,
  },
  keysDropped: {
    typ: 'mysmtp-keys-dropped+jws',
    speakers: ['privacy'],
    schema: KeysDropped,
    once: true,
  },
  command: {
    typ: 'mysmtp-erasure-command+jws',
    speakers: ['privacy'],
    schema: ErasureCommand,
    once: false,
  },
  marker: {
    typ: 'mysmtp-marker+jws',
    speakers: ['privacy'],
    schema: QueueMarker,
    once: false,
  },
  answer: {
    typ: 'mysmtp-erasure-answer+jws',
    speakers: serviceNames,
    schema: ErasureAnswer,
    once: false,
  },
  order: {
    typ: 'mysmtp-order+jws',
    speakers: ['privacy'],
    schema: Order,
    once: false,
  },
  orderAnswer: {
    typ: 'mysmtp-order-answer+jws',
    speakers: serviceNames,
    schema: OrderAnswer,
    once: false,
  },
  identityChange: {
    typ: 'mysmtp-identity-change+jws',
    speakers: ['identity'],
    schema: IdentityChange,
    once: false,
  },
  auditHead: {
    typ: 'mysmtp-audit-head+jws',
    speakers: ['logging'],
    schema: AuditHead,
    once: false,
  },
  keysAsked: {
    typ: 'mysmtp-keys-asked+jws',
    speakers: callersOf('resolveKeys'),
    schema: KeysAsked,
    once: false,
  },
  keysGiven: {
    typ: 'mysmtp-keys-given+jws',
    speakers: ['privacy'],
    schema: KeysGiven,
    once: false,
  },
} as const satisfies Record<string, SignedKind>;
export type SignedKindName = keyof typeof signedKinds;
export type PayloadOf<Kind extends SignedKindName> = z.infer<(typeof signedKinds)[Kind]['schema']>;

/** The payload of such a JWS. */
export const Signed = z.strictObject({
  /** When it was signed. Milliseconds since the epoch. */
  at: z.number().int(),
  /** Id of this message. */
  id: z.uuid(),
  payload: z.unknown(),
});
