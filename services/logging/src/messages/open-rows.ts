import {
  Attempt,
  attemptRecord,
  detailsRecord,
  isStatus,
  KeyId,
  UsageDetails,
  reader,
  TenantUnavailable,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { keyIdOf, openJson, SealError } from '@mysmtp/seal';
import { octetsOf } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import { Counter, type Registry } from 'prom-client';
import type { z } from 'zod';
import { parseRowId } from './row-id.ts';
import type { Row } from './row.ts';

/** A row in clear, for its tenant. */
export interface OpenRow {
  readonly row: Row;
  readonly details: UsageDetails;
  readonly attempts: readonly Attempt[];
  /** The use of its data is restricted (GDPR Art. 18): it was not opened. */
  readonly restricted: boolean;
}

export interface RowOpener {
  /**
   * Opens the sealed fields. Leaves out rows whose key is destroyed and which retention has not removed
   * yet. Also leaves out rows in a state that only a newer release supports. Throws a `TenantUnavailable`
   * if the keys are unavailable. A row of a `restricted` person, by blind index, is not opened.
   */
  open(rows: readonly Row[], restricted?: ReadonlySet<string>): Promise<OpenRow[]>;
}

export function createRowOpener(deps: {
  readonly tenants: Tenants;
  readonly log: Logger;
  readonly metrics: Registry;
}): RowOpener {
  const leftOut = new Counter({
    name: 'mysmtp_usage_log_rows_left_out_total',
    help: 'Rows left out of an answer: their key is destroyed, they do not open with it, or their state is of a newer release.',
    labelNames: ['reason'],
    registers: [deps.metrics],
  });
  // Initialized to 0, because an alert needs an increase from 0.
  leftOut.inc({ reason: 'key_destroyed' }, 0);

  async function openOne(
    row: Row,
    sealedDetails: mongo.Binary,
    sealedAttempts: readonly mongo.Binary[],
  ): Promise<OpenRow | undefined> {
    const { message, n } = parseRowId(row._id);
    const open = async <T>(sealed: mongo.Binary, record: string, schema: z.ZodType<T>) => {
      const octets = octetsOf(sealed);
      const id = valid(KeyId, keyIdOf(octets));
      const key = await deps.tenants.run(row.tenant, 'read', (scope) => scope.key(id));
      return valid(schema, openJson(key, { tenant: row.tenant, record }, octets));
    };
    try {
      const details = await open(sealedDetails, detailsRecord(message, n), UsageDetails);
      const attempts: Attempt[] = [];
      for (const [count, sealed] of sealedAttempts.entries()) {
        attempts.push(await open(sealed, attemptRecord(message, n, count), Attempt));
      }
      return { row, details, attempts, restricted: false };
    } catch (error) {
      if (error instanceof TenantUnavailable && !error.passes) {
        leftOut.inc({ reason: 'key_destroyed' });
        return undefined;
      }
      if (!(error instanceof SealError)) throw error;
      leftOut.inc({ reason: error.kind });
      deps.log.error('messages.row_unreadable', { message, tenant: row.tenant, error });
      return undefined;
    }
  }

  return {
    async open(rows, restricted = nobody) {
      const opened: OpenRow[] = [];
      for (const row of rows) {
        if (!isStatus(row.status)) {
          leftOut.inc({ reason: 'newer_release' });
          continue;
        }
        const { details, attempts = [], recipientIndex = '', senderIndex = '' } = row;
        if (restricted.has(recipientIndex) || restricted.has(senderIndex)) {
          opened.push({ row, ...withheld });
          continue;
        }
        // Of a tenant that keeps no content.
        if (details === undefined) continue;
        const one = await openOne(row, details, attempts);
        if (one !== undefined) opened.push(one);
      }
      return opened;
    },
  };
}

const nobody: ReadonlySet<string> = new Set();

/** What is shown of a row that is not opened. */
const withheld: Omit<OpenRow, 'row'> = {
  details: { sender: '', recipient: '', messageId: '' },
  attempts: [],
  restricted: true,
};

function valid<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = reader(schema).safeParse(value);
  if (!result.success) throw new SealError('malformed');
  return result.data;
}
