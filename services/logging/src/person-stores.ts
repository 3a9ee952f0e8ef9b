import type { ExportedRow } from '@mysmtp/contracts';
import type { PersonOfOrder, PersonStores } from '@mysmtp/orders';
import type { DayCollections } from './messages/day-collections.ts';
import type { OpenRow, RowOpener } from './messages/open-rows.ts';
import { lastReplyOf, type Row } from './messages/row.ts';
import { lowestRowId, parseRowId } from './messages/row-id.ts';
import { wholeDay } from './messages/time-buckets.ts';
import type { Restrictions } from './restrictions/restrictions.ts';
import type { Retentions } from './retention/retentions.ts';

/** Rows that are opened at once. */
const portion = 200;

/** What logging has of a person, and the mark that it honours. */
export function personStoresOf(deps: {
  readonly days: DayCollections;
  readonly opener: RowOpener;
  readonly restrictions: Restrictions;
  readonly retentions: Pick<Retentions, 'of'>;
  readonly clock: { now(): number };
}): PersonStores {
  const { days, opener, restrictions, retentions, clock } = deps;

  /** Oldest first. The rows of a restricted person are opened too: the person has asked for them. */
  async function* rowsOf({
    tenant,
    person,
  }: PersonOfOrder): AsyncGenerator<readonly ExportedRow[]> {
    const oldest = clock.now() - retentions.of(tenant);
    for (const { from } of (await days.days()).map(wholeDay)) {
      let after = lowestRowId(oldest);
      for (;;) {
        // Each by its index: a row that the person sent to itself is in both.
        const found = new Map<string, Row>();
        for (const field of ['recipientIndex', 'senderIndex'] as const) {
          const rows = days.at(from).find({ [field]: person, _id: { $gt: after } });
          for await (const row of rows.sort({ _id: 1 }).limit(portion)) found.set(row._id, row);
        }
        const sorted = [...found.values()].toSorted((a, b) => (a._id < b._id ? -1 : 1));
        const rows = sorted.slice(0, portion);
        if (rows.length === 0) break;
        yield (await opener.open(rows)).map(recordOf);
        after = rows.at(-1)?._id ?? '';
      }
    }
  }

  return {
    gather: {
      'logging.messages': rowsOf,
      async *'logging.restrictions'({ tenant, person }) {
        const found = await restrictions.find(tenant, person);
        yield found === undefined ? [] : [{ request: found.request, at: found.at.toISOString() }];
      },
    },
    mark: {
      async 'logging.restrictions'({ order, tenant, person, exists }) {
        if (!exists) return restrictions.lift(tenant, person);
        await restrictions.set({ tenant, person, request: order, at: new Date(clock.now()) });
      },
    },
  };
}

function recordOf({ row, details, attempts }: OpenRow): ExportedRow {
  const { message: id, n } = parseRowId(row._id);
  const { messageId, sender, recipient, tags = [], accepted = null } = details;
  return {
    id,
    n,
    acceptedAt: row.acceptedAt.toISOString(),
    messageId,
    sender,
    recipient,
    tags,
    accepted,
    credential: row.credential ?? null,
    status: row.status,
    lastReply: lastReplyOf(row),
    siteClass: row.siteClass ?? null,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    attempts: [...attempts],
  };
}
