import { AuditPayload } from '@mysmtp/audit';
import type { SecurityEventType } from '@mysmtp/contracts';
import type { EntryOpener } from '../audit/open-entries.ts';
import type { AuditEntries } from '../audit/store.ts';
import type { Observed } from './rules.ts';

/** Events of these types that were chained at `since` (milliseconds) or later, in the order of the chain. */
export type PastEvents = (type: SecurityEventType, since: number) => AsyncIterable<Observed>;

/** Reads what the rules have seen before a restart out of the audit chain, except what is erased. */
export const createPastEvents = (
  entries: AuditEntries,
  opener: Pick<EntryOpener, 'content'>,
): PastEvents =>
  async function* pastEvents(type, since) {
    for await (const entry of entries.find({ type, time: { $gte: since } }).sort({ time: 1 })) {
      const content = await opener.content(entry);
      if (content.state === 'shown') yield AuditPayload.parse(JSON.parse(content.payload));
    }
  };
