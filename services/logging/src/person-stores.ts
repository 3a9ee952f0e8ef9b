import { AuditPayload } from '@mysmtp/audit';
import { operatorRealm, type ExportedAct, type ExportedRow } from '@mysmtp/contracts';
import type { PersonOfOrder, PersonStores } from '@mysmtp/orders';
import type { AuditChain } from './audit-chain.ts';
import type { StoredEntry } from './audit/store.ts';
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
  readonly auditChain: Pick<AuditChain, 'entries' | 'opener'>;
  readonly clock: { now(): number };
}): PersonStores {
  const { days, opener, restrictions, retentions, auditChain, clock } = deps;

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

  /** `undefined` if it is not about an act of this person, or cannot be opened any more. */
  async function actOf(entry: StoredEntry, account: string): Promise<ExportedAct | undefined> {
    const content = await auditChain.opener.content(entry);
    if (content.state !== 'shown') return undefined;
    const payload = AuditPayload.parse(JSON.parse(content.payload));
    const { actor, at, type, operation, object, outcome, reason, network } = payload;
    // A person of the operators' realm is an operator.
    if (actor.id !== account || !['person', 'operator'].includes(actor.kind)) return undefined;
    const client = await auditChain.opener.client(entry, network);
    const what = { type, operation, object, outcome, reason };
    return { seq: entry._id, at: new Date(at).toISOString(), ...what, ...client };
  }

  /** The actor is sealed, so every entry of the tenant is opened. Oldest first. */
  async function* actsOf({ tenant, account }: PersonOfOrder): AsyncGenerator<ExportedAct[]> {
    if (account === undefined) return;
    const which = tenant === operatorRealm ? { tenant: { $exists: false } } : { tenant };
    for (let after = 0; ;) {
      const found = await auditChain.entries
        .find({ ...which, _id: { $gt: after }, sealed: { $exists: true } })
        .sort({ _id: 1 })
        .limit(portion)
        .toArray();
      if (found.length === 0) return;
      const acts = await Promise.all(found.map((entry) => actOf(entry, account)));
      yield acts.filter((act) => act !== undefined);
      after = found.at(-1)?._id ?? after;
    }
  }

  return {
    gather: {
      'logging.messages': rowsOf,
      async *'logging.restrictions'({ tenant, person }) {
        const found = await restrictions.find(tenant, person);
        yield found === undefined ? [] : [{ request: found.request, at: found.at.toISOString() }];
      },
      'logging.auditEntries': actsOf,
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
