import { callersOf, spoolReadPath, SpoolReadRequest } from '@mysmtp/contracts';
import { Problem, route, type Route } from '@mysmtp/http';
import type { Spool } from '../spool/spool.ts';

/** Delivery reads a spooled message chunk by chunk, at its own pace. */
export function readSpool(spool: Spool): Route {
  return route({
    method: 'post',
    path: spoolReadPath,
    summary: 'One sealed chunk of a spooled message',
    access: { services: callersOf('readSpool') },
    body: SpoolReadRequest,
    replies: { 200: null },
    handle: async ({ body: { id, chunk } }) => {
      const sealed = await spool.read(id, chunk);
      // 410: delivery forgets a message for this, and a wrong URL answers 404.
      if (sealed === undefined) throw new Problem(410, 'gone', 'There is no such content');
      return { headers: { 'content-type': 'application/octet-stream' }, body: sealed };
    },
  });
}
