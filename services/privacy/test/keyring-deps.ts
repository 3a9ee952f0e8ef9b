import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger } from '@mysmtp/log';
import { freshDatabase } from '@mysmtp/test-kit';
import mongoose, { type Connection, type Model } from 'mongoose';
import { Registry } from 'prom-client';
import { prepareDayRoots } from '../src/keyring/day-roots.ts';
import { createKeyringMetrics } from '../src/keyring/metrics.ts';
import { openRootModel, type RootDocument } from '../src/keyring/root.ts';
import { createRoots, type Roots } from '../src/keyring/roots.ts';
import { openTenantModel, type TenantDocument } from '../src/tenants/tenant.ts';
import { openFolderVault } from '../src/vault/folder.ts';
import type { Vault } from '../src/vault/vault.ts';

/**
 * The keyring's parts over a real database and vault, with a clock and a fake delivery that the test
 * controls.
 */
export interface KeyringBench {
  now: number;
  /** The time of the database; the clock's unless a test changes it. */
  databaseNow: number | undefined;
  /** Delivery's answer; an error if it does not answer. */
  undeliveredCount: number | Error;
  readonly asked: string[];
  readonly announced: string[];
  readonly lines: { event: string; root?: string; reason?: string; level?: string }[];
  readonly vaultDir: string;
  readonly vault: Vault;
  readonly connection: Connection;
  readonly model: Model<RootDocument>;
  readonly tenants: Model<TenantDocument>;
  /** The parts of one process: roots with a cache of its own, over the same database and vault. */
  process(): ReturnType<typeof meansOf>;
  /** Advances the clock, and the job makes the roots of each day on the day before. */
  passTo(time: number): Promise<void>;
  /** A gauge of the newest process. */
  metric(name: string): Promise<number | undefined>;
  close(): Promise<void>;
}

export const noon = Date.parse('2026-11-24T12:00:00Z');
export const minute = 60_000;
export const day = 86_400_000;

export async function openBench(): Promise<KeyringBench> {
  const database = await freshDatabase();
  const connection = await mongoose.createConnection(database.url).asPromise();
  const vaultDir = await mkdtemp(path.join(tmpdir(), 'mysmtp-vault-'));
  await chmod(vaultDir, 0o700);
  let metrics = new Registry();
  const bench: KeyringBench = {
    now: noon,
    databaseNow: undefined,
    undeliveredCount: 0,
    asked: [],
    announced: [],
    lines: [],
    vaultDir,
    vault: await openFolderVault(vaultDir),
    connection,
    model: await openRootModel(connection),
    tenants: await openTenantModel(connection),
    async metric(name) {
      const found = await metrics.getSingleMetric(name)?.get();
      return found?.values[0]?.value;
    },
    process() {
      metrics = new Registry();
      return meansOf(bench, metrics);
    },
    async passTo(time) {
      bench.now = time - day;
      await prepareDayRoots(meansOf(bench, new Registry()));
      bench.now = time;
    },
    async close() {
      await connection.close();
      await database.close();
      await rm(vaultDir, { recursive: true });
    },
  };
  return bench;
}

function meansOf(bench: KeyringBench, metrics: Registry) {
  const log = createLogger('privacy', 'info', {
    write: (line) => void bench.lines.push(JSON.parse(line) as { event: string }),
  });
  const clock = { now: () => bench.now };
  const { model, tenants, vault } = bench;
  const roots: Roots = createRoots({ model, vault, clock, log });
  return {
    roots,
    tenants,
    clock,
    timeOfDatabase: async () => bench.databaseNow ?? bench.now,
    log,
    days: { mail: 7, events: 8 },
    metrics: createKeyringMetrics(metrics),
    async undelivered(of: string) {
      bench.asked.push(of);
      if (bench.undeliveredCount instanceof Error) throw bench.undeliveredCount;
      return bench.undeliveredCount;
    },
    async announce(purpose: string, of: string) {
      bench.announced.push(`${purpose}:${of}`);
    },
  };
}
