import type { KeyObject } from 'node:crypto';
import { form, type OpenContext, type SealContext } from './context.ts';
import { openAs, sealAs } from './format.ts';

/** Octets of a chunk before sealing. Every chunk but the last has exactly this size. */
export const chunkSize = 252 * 1024;

export interface ChunkSealer {
  /** Takes the next octets of the stream and returns the full chunks, often none. */
  push(plain: Uint8Array): Buffer[];
  /** Ends the stream and returns its last chunk, which may be empty. */
  finish(): Buffer;
}

/**
 * Seals a stream chunk by chunk (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
 * Each chunk is bound to its number, and only the last one is marked as last. So chunks that are reordered,
 * left out, cut off or added do not open.
 */
export function createChunkSealer(key: KeyObject, context: SealContext): ChunkSealer {
  let index = 0;
  const held = Buffer.allocUnsafe(chunkSize);
  let filled = 0;

  function sealHeld(last: boolean): Buffer {
    const record = recordOf(context.record, index);
    index += 1;
    const plain = held.subarray(0, filled);
    filled = 0;
    const as = last ? form.lastChunk : form.chunk;
    return Buffer.concat(sealAs(key, { ...context, record }, as, plain));
  }

  return {
    push(plain) {
      const sealed: Buffer[] = [];
      let taken = 0;
      while (taken < plain.length) {
        // A full chunk is kept until more octets arrive, because it may be the last one.
        if (filled === chunkSize) sealed.push(sealHeld(false));
        const part = plain.subarray(taken, taken + chunkSize - filled);
        held.set(part, filled);
        filled += part.length;
        taken += part.length;
      }
      return sealed;
    },
    finish: () => sealHeld(true),
  };
}

export interface ChunkPosition {
  readonly index: number;
  readonly last: boolean;
}

/** Opens one chunk if it has this position; throws a `SealError` otherwise. */
export function openChunk(
  key: KeyObject,
  context: OpenContext,
  place: ChunkPosition,
  sealed: Uint8Array,
): Buffer {
  const record = recordOf(context.record, place.index);
  return openAs(key, { ...context, record }, place.last ? form.lastChunk : form.chunk, sealed);
}

const recordOf = (stream: string, index: number) => `${stream}#${String(index)}`;
