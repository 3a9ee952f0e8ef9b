import type { loggingApi } from '@mysmtp/api';
import { AuditPayload } from '@mysmtp/audit';
import type { Handler } from '@mysmtp/http';
import { SealError } from '@mysmtp/seal';
import type { mongo } from 'mongoose';
import type { z } from 'zod';
import type { EntryOpener } from '../audit/open-entries.ts';
import { entryOf, type AuditEntries, type StoredEntry } from '../audit/store.ts';
import { orUnavailable } from './answer.ts';

type Shown = z.input<(typeof loggingApi.listAuditEntries.replies)[200]>['entries'][number];

/** A tenant gets its own entries; an operator gets all, and sees the content of the operators' realm only. */
export function listAuditEntries(
  entries: AuditEntries,
  opener: EntryOpener,
): Handler<typeof loggingApi.listAuditEntries> {
  async function show(entry: StoredEntry, mayOpen: boolean): Promise<Shown> {
    const chained = entryOf(entry);
    const empty = { payload: null, salt: null, network: null, address: null };
    if (entry.sealed === undefined) return { ...chained, state: 'deleted', ...empty };
    try {
      const content = mayOpen ? await opener.content(entry) : undefined;
      if (content?.state !== 'shown') return { ...chained, state: 'hidden', ...empty };
      const { payload } = content;
      const { network } = AuditPayload.pick({ network: true }).parse(JSON.parse(payload));
      return {
        ...chained,
        state: 'shown',
        payload,
        salt: Buffer.from(content.salt).toString('base64url'),
        ...(await opener.client(entry, network)),
      };
    } catch (error) {
      // It was changed. `verify-audit` finds it in a copy, and the other entries can be read.
      if (error instanceof SealError) return { ...chained, state: 'shown', ...empty };
      throw error;
    }
  }

  /** The number before the first entry that was chained at this time or later. */
  async function before(time: number): Promise<number> {
    const [first] = await entries
      .find({ time: { $gte: time } }, { projection: { _id: 1 } })
      .sort({ time: 1, _id: 1 })
      .limit(1)
      .toArray();
    return first === undefined ? Number.MAX_SAFE_INTEGER : first._id - 1;
  }

  return async ({ query: { after = 0, from, type, limit = 100 }, principal: { tenant } }) => {
    const above = Math.max(after, from === undefined ? 0 : await orUnavailable(before(from)));
    const filter: mongo.Filter<StoredEntry> = {
      _id: { $gt: above },
      ...(type !== undefined && { type }),
      ...(tenant !== null && { tenant }),
    };
    const found = await orUnavailable(entries.find(filter).sort({ _id: 1 }).limit(limit).toArray());
    const shown = found.map((entry) => show(entry, entry.tenant === (tenant ?? undefined)));
    return { status: 200, body: { entries: await Promise.all(shown) } };
  };
}
