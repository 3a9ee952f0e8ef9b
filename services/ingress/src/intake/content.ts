import { inlineLimit } from '@mysmtp/contracts';
import type { SpoolWriter } from '../spool/writer.ts';

/** Where the octets of a complete message are. */
export type StoredContent =
  | { readonly inline: readonly Buffer[] }
  | { readonly spool: { readonly id: string; readonly chunks: number } };

/** Stores the octets of a message: a small one in memory, a larger one in the spool while it comes in. */
export interface Content {
  /** If it returns a promise, the caller awaits it before the next write. */
  write(octets: Buffer): Promise<void> | undefined;
  size(): number;
  finish(): Promise<StoredContent>;
  discard(): Promise<void>;
}

export function createContent(openSpool: () => SpoolWriter): Content {
  let held: Buffer[] = [];
  let size = 0;
  let writer: SpoolWriter | undefined;

  async function moveToSpool(to: SpoolWriter): Promise<void> {
    const waiting = held;
    held = [];
    for (const octets of waiting) await to.write(octets);
  }

  return {
    write(octets) {
      size += octets.length;
      if (writer !== undefined) return writer.write(octets);
      held.push(octets);
      if (size < inlineLimit) return undefined;
      writer = openSpool();
      return moveToSpool(writer);
    },
    size: () => size,
    async finish() {
      return writer === undefined ? { inline: held } : { spool: await writer.finish() };
    },
    async discard() {
      held = [];
      await writer?.discard();
    },
  };
}
