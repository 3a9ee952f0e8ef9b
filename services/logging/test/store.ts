import { createGate } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import { createTenants } from '@mysmtp/tenancy';
import { eventually, freshDatabase } from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import { Registry } from 'prom-client';
import { openDayCollections } from '../src/messages/day-collections.ts';
import { createIntakeMetrics } from '../src/messages/intake-metrics.ts';
import { openIntake } from '../src/messages/intake.ts';
import type { Row } from '../src/messages/row.ts';

export const week = 7 * 86_400_000;

/** Day collections in a database of their own, and intakes that write to them. */
export async function openStore(connectTo?: (url: string) => Promise<string>) {
  const database = await freshDatabase();
  const url = connectTo === undefined ? database.url : await connectTo(database.url);
  // A database that goes away is noticed soon; the first connection may take longer on a busy machine.
  const connection = await eventually(() =>
    mongoose
      .createConnection(url, { serverSelectionTimeoutMS: 500, monitorCommands: true })
      .asPromise(),
  );
  const days = openDayCollections(connection);
  const metrics = new Registry();
  const clock = { time: Date.now(), now: () => clock.time };
  const log = createLogger('logging', 'error');
  const intakeMetrics = createIntakeMetrics(metrics);
  /** Whether the process that the intakes are in knows all fences. */
  const lease = { isCurrent: true };
  const gate = createGate(() => lease.isCurrent);
  const dropped = new Map<string, number>();

  const store = {
    days,
    clock,
    log,
    metrics,
    intakeMetrics,
    lease,
    gate,
    /** How many events were dropped, by erasure. */
    dropped,
    /** Whether that cannot be written down. */
    countsFail: false,
    /** As one process of the service has it. */
    intake: (window = 2) =>
      openIntake({
        days,
        retention: week,
        window,
        tenants: createTenants(gate, (tenant) => ({ tenant })),
        async countDropped(erasure, count) {
          if (store.countsFail) throw new Error('The database is away');
          dropped.set(erasure, (dropped.get(erasure) ?? 0) + count);
        },
        clock,
        log,
        metrics: intakeMetrics,
      }),
    /** How many documents the database sent while this was done. */
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
