import { PublishError } from '@mysmtp/broker';
import { NotCurrentError, type Gate } from '@mysmtp/erasure';
import { KeyDestroyedError } from '@mysmtp/keys';
import type { Logger } from '@mysmtp/log';
import type { Message } from '../message/message.ts';
import { isKeyWithheld, UnreadableError, type OpenMessage } from '../message/open.ts';
import { openCase, type Case, type Claimed, type Schedule } from './case.ts';
import { createConclusion, type ConclusionSettings } from './conclude.ts';
import { nextAttemptAt, soonAfter } from './delays.ts';
import type { HeldReason } from './document.ts';
import { NotWritten } from './durably.ts';
import { runRound, type RoundSettings } from './round.ts';
import { advance, newRows, pendingRows } from './rows.ts';
import { slotOf } from './slots.ts';
import { ClaimLost } from './store.ts';

export interface HandleSettings extends ConclusionSettings, Omit<RoundSettings, 'onFinal'> {
  readonly open: OpenMessage;
  readonly gate: Gate;
  readonly log: Logger;
  /** How often handling may begin without an end before the message is held. */
  readonly handlingLimit: number;
}

/** An expired message that cannot even be handled to its end is tried so much longer, then given up. */
const lastTries = 3;

/**
 * Handles one claimed message: opens it, expires or tries it, concludes. Whatever goes wrong ends in
 * the document, never in an exception; only what cannot be written is left to whoever finds the lost
 * claim. What is of a fenced tenant stays as it is, for its purge.
 */
export function createHandler(settings: HandleSettings): (claimed: Claimed) => Promise<void> {
  const { shelf, durably, gate, clock, log, telemetry, handlingLimit } = settings;
  const { conclude, tellFinal, tellChanged } = createConclusion(settings);
  const roundSettings: RoundSettings = { ...settings, onFinal: tellFinal };

  async function handle(it: Case, tried: Schedule | undefined): Promise<void> {
    if (tried !== undefined) {
      for (const row of pendingRows(it.rows)) if (row.rev > 0) it.untold.add(row);
      return conclude(it, tried);
    }
    const { document } = it;
    const expired = clock.now() >= document.expiresAt;
    if (document.handlings >= handlingLimit) {
      if (!expired) return hold(it, 'handling_failed');
      if (document.handlings >= handlingLimit + lastTries) return giveUp(it);
    }
    // A suspect: counted before anything is done with it.
    if (document.handlings > 0) await it.write({ handlings: document.handlings + 1 });
    const message = await openOnce(it);
    if (document.kind === 'canary') return expired ? endSilently(it) : hold(it, 'canary');
    if (expired) expire(it);
    let schedule: Schedule = document;
    if (pendingRows(it.rows).length > 0) schedule = await runRound(roundSettings, it, message);
    await conclude(it, schedule);
  }

  async function openOnce(it: Case): Promise<Message> {
    const { _id: id, tenant, kind, content } = it.document;
    it.message ??= await settings.open({ id, tenant, kind }, content);
    if (it.document.recipients === undefined) it.rows = newRows(it.message.envelope);
    return it.message;
  }

  /** Parked until an operator decides; it expires like any other. */
  async function hold(it: Case, reason: HeldReason): Promise<void> {
    const { document } = it;
    for (const row of pendingRows(it.rows)) {
      advance(row, 'held');
      it.unwritten.add(row);
      it.untold.add(row);
    }
    const slot = slotOf(document.expiresAt);
    await it.write({ state: 'held', slot, reason, heldAt: clock.now() });
    tellChanged(it, null);
    // A canary is held as it is meant to be: nothing for an operator.
    if (document.kind === 'canary') return;
    telemetry.held(it.id, document.tenant, reason, document.handlings);
  }

  /** Expired, and nothing can be done with it. */
  async function giveUp(it: Case): Promise<void> {
    telemetry.reportDropped(it.id, 'unreadable');
    await endSilently(it);
  }

  /** Expired: the end, without a report. */
  async function endSilently(it: Case): Promise<void> {
    expire(it);
    for (const row of it.rows) row.dsn ??= 'none';
    await conclude(it, it.document);
  }

  async function recover(it: Case, error: unknown): Promise<void> {
    const { document } = it;
    if (gate.closedFor(document.tenant) !== undefined) return;
    if (error instanceof ClaimLost || error instanceof NotWritten) {
      return log.warn('shelf.claim_lost', { message: it.id, error });
    }
    if (isKeyWithheld(error)) {
      telemetry.postponed('key_unavailable');
      return putOff(it, soonAfter(clock.now()), document.handlings);
    }
    if (error instanceof PublishError || error instanceof NotCurrentError) {
      return putOff(it, clock.now(), document.handlings);
    }
    if (error instanceof KeyDestroyedError) {
      telemetry.keyDestroyed(it.id, document.tenant, error.tenantState);
      return durably(() => shelf.finish(document, it.claim, clock.now()));
    }
    if (error instanceof UnreadableError) {
      return clock.now() < document.expiresAt ? hold(it, 'unreadable') : giveUp(it);
    }
    telemetry.handlingFailed(it.id, error);
    const begun = document.handlings === 0 ? 1 : document.handlings + 1;
    await putOff(it, nextAttemptAt(clock.now(), begun, settings), begun);
  }

  return async (claimed) => {
    const it = openCase(claimed, shelf, durably);
    const { tenant, handlings } = claimed.document;
    const work = () => handle(it, claimed.tried).catch((error: unknown) => recover(it, error));
    try {
      // Not begun while a fence may have been missed, but given back.
      if (gate.isCurrent()) await gate.pass(tenant, work);
      else await putOff(it, clock.now(), handlings);
    } catch (error) {
      if (gate.closedFor(tenant) !== undefined) return;
      log.warn('shelf.claim_lost', { message: it.id, error });
    }
  };
}

function expire(it: Case): void {
  for (const row of pendingRows(it.rows)) {
    advance(row, 'expired');
    it.unwritten.add(row);
  }
}

async function putOff(it: Case, nextAt: number, handlings: number): Promise<void> {
  const { tries } = it.document;
  await it.write({ state: 'ready', slot: slotOf(nextAt), nextAt, tries, handlings });
}
