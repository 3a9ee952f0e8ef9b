import type { ingressApi } from '@mysmtp/api';
import { Problem, type Handler } from '@mysmtp/http';
import type { Spool } from '../spool/spool.ts';

/** Delivery reads a spooled message chunk by chunk, at its own pace. */
export function readSpool(spool: Spool): Handler<typeof ingressApi.readSpool> {
  return async ({ body: { id, chunk } }) => {
    const sealed = await spool.read(id, chunk);
    if (sealed === undefined) throw new Problem('gone');
    return { status: 200, body: sealed };
  };
}
