import {
  Attempt,
  attemptRecord,
  factsRecord,
  isStatus,
  KeyId,
  LogFacts,
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

/** A row as its tenant may read it. */
export interface OpenRow {
  readonly row: Row;
  readonly facts: LogFacts;
  readonly attempts: readonly Attempt[];
}

export interface RowOpener {
  /**
   * Opens what is sealed. A row whose key is destroyed is left out: it is gone, only not yet swept
   * away. So is one in a state that only a newer release knows, until this one is upgraded. Throws a
   * `TenantUnavailable` if the keys cannot be had now.
   */
  open(rows: readonly Row[]): Promise<OpenRow[]>;
}

export function createRowOpener(means: {
  readonly tenants: Tenants;
  readonly log: Logger;
  readonly metrics: Registry;
}): RowOpener {
  const leftOut = new Counter({
    name: 'mysmtp_usage_log_rows_left_out_total',
    help: 'Rows left out of an answer: their key is destroyed, they do not open with it, or their state is of a newer release.',
    labelNames: ['reason'],
    registers: [means.metrics],
  });
  // There from the start: the first one is a rise from zero.
  leftOut.inc({ reason: 'key_destroyed' }, 0);

  async function openOne(row: Row): Promise<OpenRow | undefined> {
    const { message, n } = parseRowId(row._id);
    const open = async <T>(sealed: mongo.Binary, record: string, schema: z.ZodType<T>) => {
      const octets = octetsOf(sealed);
      const id = valid(KeyId, keyIdOf(octets));
      const key = await means.tenants.run(row.tenant, 'read', (scope) => scope.key(id));
      return valid(schema, openJson(key, { tenant: row.tenant, record }, octets));
    };
    try {
      const facts = await open(row.facts, factsRecord(message, n), LogFacts);
      const attempts: Attempt[] = [];
      for (const [count, sealed] of row.attempts.entries()) {
        attempts.push(await open(sealed, attemptRecord(message, n, count), Attempt));
      }
      return { row, facts, attempts };
    } catch (error) {
      if (error instanceof TenantUnavailable && !error.passes) {
        leftOut.inc({ reason: 'key_destroyed' });
        return undefined;
      }
      if (!(error instanceof SealError)) throw error;
      leftOut.inc({ reason: error.kind });
      means.log.error('messages.row_unreadable', { message, tenant: row.tenant, error });
      return undefined;
    }
  }

  return {
    async open(rows) {
      const opened: OpenRow[] = [];
      for (const row of rows) {
        if (!isStatus(row.status)) {
          leftOut.inc({ reason: 'newer_release' });
          continue;
        }
        const one = await openOne(row);
        if (one !== undefined) opened.push(one);
      }
      return opened;
    },
  };
}

function valid<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = reader(schema).safeParse(value);
  if (!result.success) throw new SealError('malformed');
  return result.data;
}
