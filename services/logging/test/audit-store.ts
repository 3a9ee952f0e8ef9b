import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { beforeFirst } from '@mysmtp/audit';
import { newMessageId, type KeyId, type SecurityEvent } from '@mysmtp/contracts';
import { createTenantGuard } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import { createTenants, type TenantScope } from '@mysmtp/tenancy';
import { freshDatabase } from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import { Registry } from 'prom-client';
import { checkChain } from '../src/audit/check.ts';
import { createEntryOpener } from '../src/audit/open-entries.ts';
import { openAuditEntries } from '../src/audit/store.ts';
import { openChainWriter } from '../src/audit/writer.ts';

/** The audit chain in a database of its own, with keys in memory. */
export async function openAuditStore() {
  const database = await freshDatabase();
  const connection = await mongoose.createConnection(database.url).asPromise();
  const entries = await openAuditEntries(connection);
  const clock = { time: Date.parse('2026-11-24T12:00:00Z'), now: () => clock.time };
  const log = createLogger('logging', 'error');
  const guard = createTenantGuard(() => true);
  const keys = new Map<string, KeyObject>();
  const keyOf = (tenant: string, id: KeyId): KeyObject => {
    const key = keys.get(`${tenant} ${id}`) ?? createSecretKey(randomBytes(32));
    keys.set(`${tenant} ${id}`, key);
    return key;
  };
  const tenants = createTenants<TenantScope>(guard, (tenant) => ({
    tenant,
    key: async (id) => keyOf(tenant, id),
    keys: () => {
      throw new Error('The chain needs keys by id only');
    },
  }));
  const opener = createEntryOpener(tenants);
  /** How many events were chained without their content, by erasure. */
  const dropped = new Map<string, number>();

  return {
    entries,
    clock,
    log,
    guard,
    tenants,
    opener,
    dropped,
    /** As in one process of the service. */
    writer: () =>
      openChainWriter({
        entries,
        tenants,
        async countDropped(erasure, count) {
          dropped.set(erasure, (dropped.get(erasure) ?? 0) + count);
        },
        clock,
        log,
        metrics: new Registry(),
      }),
    /** The faults of the whole chain. */
    async faults(): Promise<string[]> {
      const { findings } = await checkChain({ entries, tenants, opener }, beforeFirst);
      return findings.map(({ fault, seq }) => `${fault} ${String(seq)}`);
    },
    async close() {
      await connection.close();
      await database.close();
    },
  };
}

export const someEvent = (given: Partial<SecurityEvent> = {}): SecurityEvent => ({
  id: newMessageId(Date.now()),
  at: Date.now(),
  type: 'act',
  tenant: 'tenant-1',
  actor: { kind: 'person', id: 'person-1' },
  object: null,
  operation: 'createToken',
  outcome: 'ok',
  reason: null,
  ticket: null,
  networkKey: null,
  network: null,
  client: null,
  ...given,
});
