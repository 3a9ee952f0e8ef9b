import { createHash, type KeyObject } from 'node:crypto';
import type { loggingApi } from '@mysmtp/api';
import {
  Attempt,
  attemptRecord,
  dayKeyId,
  detailsRecord,
  finalRevision,
  isFinal,
  messageIdFrom,
  UsageDetails,
  written,
  type ExportedRow,
  type KeyId,
  type MessageEvent,
} from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { domainOf } from '@mysmtp/mail';
import { addressIndex, domainIndex, sealJson, tagIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { DayCollections } from '../messages/day-collections.ts';
import { rowOf, type Row } from '../messages/row.ts';
import { writeRows } from '../messages/write-rows.ts';
import type { Retentions } from '../retention/retentions.ts';
import { orUnavailable } from './answer.ts';

/** Seals a row. */
interface RowKeys {
  readonly index: KeyObject;
  readonly events: KeyObject;
  readonly eventsId: KeyId;
}

/**
 * The rows of an export as rows of this tenant, sealed under its keys. Each message gets a new id, because
 * the old one may exist here in another tenant. The id follows from the old one, so a repeated import adds
 * nothing.
 */
export function importMessages(deps: {
  readonly days: DayCollections;
  readonly tenants: Pick<Tenants, 'run'>;
  readonly retentions: Pick<Retentions, 'of' | 'days'>;
  readonly onWritten: (acceptedAt: readonly number[]) => void;
  readonly clock: { now(): number };
  readonly log: Logger;
}): Handler<typeof loggingApi.importMessages> {
  const { days, tenants, retentions, onWritten, clock, log } = deps;

  /** This service gets these keys, and no others of `scope.keys`. */
  const keysOf = (tenant: string, at: number): Promise<RowKeys> =>
    tenants.run(tenant, 'read', async (scope) => {
      const eventsId = dayKeyId('events', at);
      const [index, events] = [await scope.key('index'), await scope.key(eventsId)];
      return { index, events, eventsId };
    });

  return async ({ body: { masked, data }, principal: { tenant } }) => {
    if (masked) {
      throw problems.invalid([{ path: 'masked', message: 'Addresses in this export are masked' }]);
    }
    // A tenant that keeps no content imports none.
    const age = retentions.days(tenant) === 0 ? 0 : retentions.of(tenant);
    const oldest = clock.now() - age;
    const all = data['logging.messages'].map((row) => ({ row, at: Date.parse(row.acceptedAt) }));
    const kept = all.filter(({ at }) => at >= oldest && at <= clock.now());
    await orUnavailable(
      tenants.run(tenant, 'write', async () => {
        const rows: Row[] = [];
        for (const { row, at } of kept) {
          rows.push(rowOf(eventOf(row, at, tenant, await keysOf(tenant, at))));
        }
        await writeRows(days, { fresh: rows, inserted: [] });
      }),
    );
    onWritten(kept.map(({ at }) => at));
    const expired = all.length - kept.length;
    log.info('messages.imported', { tenant, count: kept.length });
    return { status: 200, body: { imported: kept.length, expired } };
  };
}

function newIdOf(id: string, at: number, tenant: string): string {
  const octets = createHash('sha256').update(`${tenant} ${id}`).digest().subarray(0, 16);
  return messageIdFrom(at, octets);
}

function eventOf(
  row: ExportedRow,
  acceptedAt: number,
  tenant: string,
  keys: RowKeys,
): MessageEvent {
  const id = newIdOf(row.id, acceptedAt, tenant);
  const { n, sender, recipient, messageId, tags, accepted, status } = row;
  const details = written(UsageDetails, {
    sender,
    recipient,
    messageId,
    ...(tags.length > 0 && { tags }),
    ...(accepted !== null && { accepted }),
  });
  const seal = (record: string, value: unknown): string =>
    sealJson(keys.events, { tenant, keyId: keys.eventsId, record }, value).toString('base64');
  const domain = (address: string) => domainIndex(keys.index, domainOf(address));
  return {
    id,
    n,
    tenant,
    rev: isFinal(status) ? finalRevision : 0,
    status,
    acceptedAt,
    nextAttemptAt: row.nextAttemptAt === null ? null : Date.parse(row.nextAttemptAt),
    senderIndex: addressIndex(keys.index, sender),
    recipientIndex: addressIndex(keys.index, recipient),
    ...(sender !== '' && { senderDomainIndex: domain(sender) }),
    recipientDomainIndex: domain(recipient),
    ...(tags.length > 0 && { tagIndexes: tags.map((tag) => tagIndex(keys.index, tag)) }),
    ...(row.credential !== null && { credential: row.credential }),
    ...(row.lastReply !== 'none' && { lastReply: row.lastReply }),
    ...(row.siteClass !== null && { siteClass: row.siteClass }),
    details: seal(detailsRecord(id, n), details),
    attempts: row.attempts.map((attempt, count) =>
      seal(attemptRecord(id, n, count), written(Attempt, attempt)),
    ),
  };
}
