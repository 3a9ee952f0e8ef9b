import type { KeyObject } from 'node:crypto';
import { form, type OpenContext, type SealContext } from './context.ts';
import { openAs, sealAs, split, type Plain } from './format.ts';

/** Seals octets. Only the key opens them, and only for the same tenant and record. */
export function seal(key: KeyObject, context: SealContext, plain: Plain): Buffer {
  return Buffer.concat(sealInPieces(key, context, plain));
}

/** What `seal` returns, in pieces: for a caller who copies it anyway. */
export function sealInPieces(
  key: KeyObject,
  context: SealContext,
  plain: Plain,
): readonly Buffer[] {
  return sealAs(key, context, form.whole, plain);
}

/** Opens what `seal` sealed; throws a `SealError`. */
export function open(key: KeyObject, context: OpenContext, sealed: Uint8Array): Buffer {
  return openAs(key, context, form.whole, sealed);
}

/** The id of the key that opens it, in clear text. It is authentic only after the value has opened. */
export function keyIdOf(sealed: Uint8Array): string {
  return split(sealed).keyId;
}

export function sealJson(key: KeyObject, context: SealContext, value: unknown): Buffer {
  return seal(key, context, Buffer.from(JSON.stringify(value)));
}

/** The content was sealed by us, possibly by another version: parse it with its schema. */
export function openJson(key: KeyObject, context: OpenContext, sealed: Uint8Array): unknown {
  return JSON.parse(open(key, context, sealed).toString());
}
