import { documentOf, type DeferredDocument } from '../src/deferred/document.ts';
import { newState, type MessageState } from '../src/core/state.ts';

/** A document of the deferred queue, due at `nextAt`; `more`: further fields. */
export function newDocument(
  header: Pick<MessageState, 'id' | 'tenant' | 'kind'>,
  content: Buffer,
  times: { readonly acceptedAt: number; readonly nextAt: number; readonly expiry: number },
  more: Partial<MessageState> = {},
): DeferredDocument {
  const { acceptedAt, nextAt, expiry } = times;
  const state = newState(header, { acceptedAt, expiry, now: nextAt });
  return documentOf({ ...state, ...more }, content);
}
