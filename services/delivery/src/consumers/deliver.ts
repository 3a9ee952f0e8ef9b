import type { Outcome } from '@mysmtp/broker';
import type { Clock } from '@mysmtp/service';
import type { Courier, Report } from '../courier/attempt.ts';
import type { Outbox } from '../events/outbox.ts';
import { rowEvent } from '../events/row-event.ts';
import type { Message } from '../message/message.ts';
import type { Group, Router } from '../routing/router.ts';
import type { Schedule } from '../shelf/case.ts';
import { nextAttemptAt, type RetrySettings } from '../shelf/delays.ts';
import { newDocument, openedFields, type ShelfDocument } from '../shelf/document.ts';
import type { Durably } from '../shelf/durably.ts';
import { applyReport } from '../shelf/outcome.ts';
import { newRows, pendingRows, type Row } from '../shelf/rows.ts';
import { scheduleAfter } from '../shelf/schedule.ts';
import { justDue } from '../shelf/slots.ts';
import type { Shelf } from '../shelf/store.ts';
import type { Worker } from '../shelf/worker.ts';
import type { Telemetry } from '../telemetry.ts';

export interface DeliverSettings extends RetrySettings {
  readonly router: Router;
  readonly courier: Courier;
  readonly outbox: Outbox;
  readonly shelf: Shelf;
  readonly durably: Durably;
  readonly worker: Pick<Worker, 'newClaim' | 'hasRoom' | 'take'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly expiry: number;
}

/**
 * Delivers a message straight from memory where all its recipients are at one site and all are taken:
 * no database on that path. Everything else goes through the shelf, and is on it before the broker
 * message is acknowledged.
 */
export function createDeliver(
  settings: DeliverSettings,
): (message: Message, content: Buffer) => Promise<Outcome> {
  const { router, courier, outbox, shelf, durably, worker, clock, telemetry, expiry } = settings;

  async function deliver(message: Message, content: Buffer): Promise<Outcome> {
    // It is held there: a canary goes nowhere.
    if (message.kind === 'canary') return shelve(message, content);
    const { recipients } = message.envelope;
    const groups = await router.group(recipients, recipients.keys());
    const [group] = groups;
    if (group === undefined || groups.length > 1) return shelve(message, content);
    const report = await courier.attempt(message, group);
    if (!report.attempted && report.why === 'stopping') return 'retry';
    return settle(message, content, group, report);
  }

  /** On the shelf first, in one write, so that a crash repeats one attempt and not those at all sites. */
  async function shelve(message: Message, content: Buffer): Promise<Outcome> {
    const nextAt = justDue(clock.now());
    const document = onShelf(message, content, newRows(message.envelope), nextAt);
    if (!worker.hasRoom()) return put(document);
    const claim = worker.newClaim();
    const claimed: ShelfDocument = { ...document, state: 'claimed', claim };
    if (await durably(() => shelf.put(claimed))) {
      void worker.take({ document: claimed, claim, message });
    }
    return 'ack';
  }

  async function settle(
    message: Message,
    content: Buffer,
    group: Group,
    report: Report,
  ): Promise<Outcome> {
    const rows = newRows(message.envelope);
    const now = clock.now();
    const plan = { planned: nextAttemptAt(now, 1, settings), tries: 1, now };
    const schedule = scheduleAfter([report], plan, { tries: 0, handlings: 0 });
    if (!report.attempted) {
      telemetry.postponed(report.why);
      return put(onShelf(message, content, rows, schedule.nextAt));
    }
    const { changed, failures } = applyReport({ message, group, telemetry }, rows, report);
    if (rows.every((row) => row.status === 'delivered')) return end(message, rows);

    const document = {
      ...onShelf(message, content, rows, schedule.nextAt),
      tries: schedule.tries,
    };
    if (failures.size === 0 && pendingRows(rows).length > 0) {
      const outcome = await put(document);
      if (message.kind !== 'dsn') {
        for (const row of changed)
          outbox.changed(rowEvent(sourceOf(message), row, schedule.nextAt));
      }
      return outcome;
    }
    return conclude(message, document, schedule, failures);
  }

  /** Some are refused for good: with the outcome on the shelf, the rest is as for any message there. */
  async function conclude(
    message: Message,
    document: ShelfDocument,
    tried: Schedule,
    failures: ReturnType<typeof applyReport>['failures'],
  ): Promise<Outcome> {
    const claim = worker.newClaim();
    const claimed: ShelfDocument = { ...document, state: 'claimed', claim };
    if (await durably(() => shelf.put(claimed))) {
      await worker.take({ document: claimed, claim, message, tried, failures });
    }
    return 'ack';
  }

  async function end(message: Message, rows: readonly Row[]): Promise<Outcome> {
    const { kind, envelope } = message;
    const told: Promise<void>[] = [];
    if (envelope.spool !== null) told.push(outbox.released(message.tenant, envelope.spool.id));
    if (kind !== 'dsn') {
      const source = sourceOf(message);
      for (const row of rows) told.push(outbox.finished(rowEvent(source, row, null)));
    }
    await Promise.all(told);
    for (const row of rows) telemetry.finished(row.status);
    return 'ack';
  }

  async function put(document: ShelfDocument): Promise<Outcome> {
    await durably(() => shelf.put(document));
    return 'ack';
  }

  const onShelf = (
    message: Message,
    content: Buffer,
    rows: Row[],
    nextAt: number,
  ): ShelfDocument => ({
    ...newDocument(message, content, { acceptedAt: message.acceptedAt, nextAt, expiry }),
    ...openedFields(message.envelope, rows),
  });

  return deliver;
}

const sourceOf = ({ id, tenant, acceptedAt, envelope }: Message) => ({
  id,
  tenant,
  acceptedAt,
  senderIndex: envelope.senderIndex,
});
