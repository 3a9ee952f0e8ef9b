import { inlineLimit } from '@mysmtp/contracts';
import type { SpoolWriter } from '../spool/writer.ts';

/** Where the octets of a message are once all of them have come. */
export type StoredContent =
  | { readonly inline: readonly Buffer[] }
  | { readonly spool: { readonly id: string; readonly chunks: number } };

/** Takes the octets of a message: small ones stay in memory, larger ones go to the spool as they come. */
export interface Content {
  /** The promise, where there is one, is to be awaited before more is taken. */
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
