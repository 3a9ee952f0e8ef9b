import type { KeyObject } from 'node:crypto';
import { form, type OpenContext, type SealContext } from './context.ts';
import { openAs, sealAs, split } from './format.ts';

/** Seals octets: only the key opens them, and only as this record of this tenant. */
export function seal(key: KeyObject, context: SealContext, plain: Uint8Array): Buffer {
  return sealAs(key, context, form.whole, plain);
}

/** Opens what `seal` sealed; throws a `SealError`. */
export function open(key: KeyObject, context: OpenContext, sealed: Uint8Array): Buffer {
  return openAs(key, context, form.whole, sealed);
}

/** Which key opens it, as it stands there in clear: believe it only after it has opened. */
export function keyIdOf(sealed: Uint8Array): string {
  return split(sealed).keyId;
}

export function sealJson(key: KeyObject, context: SealContext, value: unknown): Buffer {
  return seal(key, context, Buffer.from(JSON.stringify(value)));
}

/** What it holds is what we once sealed, yet perhaps another version of us: parse it by its schema. */
export function openJson(key: KeyObject, context: OpenContext, sealed: Uint8Array): unknown {
  return JSON.parse(open(key, context, sealed).toString());
}
