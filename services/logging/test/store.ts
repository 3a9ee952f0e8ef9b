import { createTenantGuard } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import { createTenants } from '@mysmtp/tenancy';
import { eventually, freshDatabase } from '@mysmtp/test-kit';
import mongoose, { type mongo } from 'mongoose';
import { Registry } from 'prom-client';
import { openDayCollections } from '../src/messages/day-collections.ts';
import { createEventWriterMetrics } from '../src/messages/event-writer-metrics.ts';
import { openEventWriter } from '../src/messages/event-writer.ts';
import { openRetentions } from '../src/retention/retentions.ts';
import type { Row } from '../src/messages/row.ts';

export const week = 7 * 86_400_000;

/** Day collections in a database of their own, and event writers for them. */
export async function openStore(connectTo?: (url: string) => Promise<string>) {
  const database = await freshDatabase();
  const url = connectTo === undefined ? database.url : await connectTo(database.url);
  // A short timeout for a database that is down. The first connection may need more on a busy machine.
  const connection = await eventually(() =>
    mongoose
      .createConnection(url, { serverSelectionTimeoutMS: 500, monitorCommands: true })
      .asPromise(),
  );
  const days = openDayCollections(connection);
  const metrics = new Registry();
  const clock = { time: Date.now(), now: () => clock.time };
  const retentions = await openRetentions(connection, { usual: week, clock });
  const log = createLogger('logging', 'error');
  const intakeMetrics = createEventWriterMetrics(metrics);
  /** Whether the process of the event writers has current fences. */
  const lease = { isCurrent: true };
  const guard = createTenantGuard(() => lease.isCurrent);
  const dropped = new Map<string, number>();

  const store = {
    days,
    connection,
    retentions,
    clock,
    log,
    metrics,
    intakeMetrics,
    lease,
    guard: guard,
    /** How many events were dropped, by erasure. */
    dropped,
    /** Whether counting fails. */
    countsFail: false,
    /** As in one process of the service. */
    intake: (window = 2) =>
      openEventWriter({
        days,
        retentions: store.retentions,
        window,
        tenants: createTenants(guard, (tenant) => ({ tenant })),
        async countDropped(erasure, count) {
          if (store.countsFail) throw new Error('The database is away');
          dropped.set(erasure, (dropped.get(erasure) ?? 0) + count);
        },
        clock,
        log,
        metrics: intakeMetrics,
      }),
    /** How many documents the database returned meanwhile. */
    async documentsSent(work: () => Promise<unknown>): Promise<number> {
      let sent = 0;
      const count = ({ reply }: { reply: unknown }) => {
        const { cursor } = reply as { cursor?: { firstBatch?: unknown[]; nextBatch?: unknown[] } };
        sent += (cursor?.firstBatch ?? cursor?.nextBatch ?? []).length;
      };
      const client = connection.getClient();
      client.on('commandSucceeded', count);
      try {
        await work();
      } finally {
        client.off('commandSucceeded', count);
      }
      return sent;
    },
    /** How many documents the database reads for the same queries, by its own account. */
    async documentsExamined(work: () => Promise<unknown>): Promise<number> {
      const queries: mongo.Document[] = [];
      const note = ({ commandName, command }: mongo.CommandStartedEvent) => {
        if (!['find', 'aggregate', 'count'].includes(commandName)) return;
        const { lsid: _, $db: __, $clusterTime: ___, maxTimeMS: ____, ...query } = command;
        queries.push(query);
      };
      const client = connection.getClient();
      client.on('commandStarted', note);
      try {
        await work();
      } finally {
        client.off('commandStarted', note);
      }
      let examined = 0;
      for (const explain of queries) {
        const plan = await connection.db?.command({ explain, verbosity: 'executionStats' });
        const [first] = (plan?.['stages'] ?? []) as { $cursor?: mongo.Document }[];
        const { executionStats } = first?.$cursor ?? plan ?? {};
        examined += (executionStats as { totalDocsExamined: number }).totalDocsExamined;
      }
      return examined;
    },
    async rows(): Promise<Row[]> {
      const found: Row[] = [];
      for (const day of await days.days()) {
        found.push(...(await days.at(Date.parse(day)).find({}).sort({ _id: 1 }).toArray()));
      }
      return found;
    },
    async count(result: string): Promise<number> {
      const counter = metrics.getSingleMetric('mysmtp_usage_log_events_total');
      const { values } = (await counter?.get()) ?? { values: [] };
      return values.find(({ labels }) => labels['result'] === result)?.value ?? 0;
    },
    async close() {
      await connection.close();
      await database.close();
    },
  };
  return store;
}

export type Store = Awaited<ReturnType<typeof openStore>>;
