import type { KeyObject } from 'node:crypto';
import { spoolReadPath } from '@mysmtp/contracts';
import { CallError, type ServiceClient } from '@mysmtp/http';
import { openChunk } from '@mysmtp/seal';
import { SpoolGoneError, SpoolUnavailableError, type ReadChunk } from './content.ts';

/** Reads chunks of one spooled message from ingress and opens them. */
export function spoolReader(
  ingress: ServiceClient,
  deps: { tenant: string; key: KeyObject; spool: { id: string; chunks: number } },
): ReadChunk {
  const { tenant, key, spool } = deps;
  return async (index) => {
    let sealed: Buffer;
    try {
      sealed = await ingress.bytes(spoolReadPath, { id: spool.id, chunk: index });
    } catch (error) {
      throw isGone(error) ? new SpoolGoneError(error) : new SpoolUnavailableError(error);
    }
    const last = index === spool.chunks - 1;
    return openChunk(key, { tenant, record: `spool:${spool.id}` }, { index, last }, sealed);
  };
}

const isGone = (error: unknown): boolean => error instanceof CallError && error.status === 410;
