import { randomUUID } from 'node:crypto';
import { AuditPayload, beforeFirst, type Finding, type Position } from '@mysmtp/audit';
import { day, hour, minute, TenantUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { SealError } from '@mysmtp/seal';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { Gauge, type Registry } from 'prom-client';
import { checkChain } from '../audit/check.ts';
import type { EntryOpener } from '../audit/open-entries.ts';
import type { AuditEntries } from '../audit/store.ts';
import { aboutChain, type ChainWriter } from '../audit/writer.ts';

/** How often it runs, and how many entries it reads then: a year of a million entries a day in five days. */
export const fullCheck = { period: minute, perRun: 50_000 } as const;
/** A full check begins so long after the one before, and after the first entry. */
const pause = day;
/** The position is saved so often, and at the end. */
const savePeriod = hour;
/** If a process has saved none for so long, another one continues its check. */
const patience = 2 * hour;

type Checked = NonNullable<AuditPayload['checked']>;

/** A check that this process does. */
interface Check extends Pick<Checked, 'began'> {
  readonly position: Position;
  readonly savedAt: number;
}

/**
 * Checks the whole chain in portions, again and again: the order and MAC of each entry, that each payload fits
 * its commitment, and that each missing payload is explained. The position is an entry of the chain itself, so
 * nobody with the database alone can move it. One process checks at a time.
 */
export function checkFully(deps: {
  readonly entries: AuditEntries;
  readonly tenants: Tenants;
  readonly opener: EntryOpener;
  readonly chain: ChainWriter;
  readonly report: (findings: readonly Finding[]) => void;
  /** Entries in one run. */
  readonly perRun: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { entries, opener, chain, report, perRun, clock, log, metrics } = deps;
  const process = randomUUID();
  const age = new Gauge({
    name: 'mysmtp_audit_full_check_age_seconds',
    help: 'Since when no full check of the audit chain has ended. Before the first one, since the first entry.',
    registers: [metrics],
  });
  age.set(0);
  let current: Check | undefined;

  /** What was saved last, by any process. */
  async function readSaved(): Promise<(Checked & { readonly at: number }) | undefined> {
    const [entry] = await entries
      .find({ type: 'chain_checked' })
      .sort({ time: -1, _id: -1 })
      .limit(1)
      .toArray();
    if (entry === undefined) return undefined;
    const content = await opener.content(entry).catch((error: unknown) => {
      // It was changed. The check from the first entry on finds that.
      if (error instanceof SealError) return undefined;
      throw error;
    });
    if (content?.state !== 'shown') return undefined;
    const { checked } = AuditPayload.parse(JSON.parse(content.payload));
    return checked && { ...checked, at: entry.time };
  }

  /** The check to continue; `undefined` if none is due, or another process does it. */
  function next(
    saved: Awaited<ReturnType<typeof readSaved>>,
    first: number,
    now: number,
  ): Check | undefined {
    const isMine = saved?.process === process;
    if (current !== undefined && (isMine || saved === undefined || saved.at < current.savedAt)) {
      return current;
    }
    if (saved === undefined || saved.isFull) {
      if (now < (saved?.began ?? first) + pause) return undefined;
      return { began: now, position: beforeFirst, savedAt: now };
    }
    if (!isMine && now < saved.at + patience) return undefined;
    const { began, seq, time, digest } = saved;
    return { began, position: { seq, time, digest }, savedAt: now };
  }

  async function save(checked: Checked): Promise<void> {
    const event = aboutChain('chain_checked', clock.now());
    await chain.append([{ event, about: { checked } }]);
    log.info('audit.checked', { count: checked.seq, status: checked.isFull ? 'full' : 'part' });
  }

  async function run(): Promise<void> {
    const now = clock.now();
    const first = await entries.findOne({}, { sort: { _id: 1 }, projection: { time: 1 } });
    if (first === null) return;
    const saved = await readSaved();
    age.set(Math.max(0, now - (saved?.lastFull ?? first.time)) / 1_000);
    current = next(saved, first.time, now);
    if (current === undefined) return;
    const { findings, end, count } = await checkChain(deps, current.position, perRun);
    report(findings);
    const isFull = count < perRun;
    const { began } = current;
    if (!isFull && now < current.savedAt + savePeriod) {
      current = { ...current, position: end };
      return;
    }
    const lastFull = isFull ? now : (saved?.lastFull ?? null);
    await save({ ...end, began, isFull, lastFull, process });
    current = isFull ? undefined : { began, position: end, savedAt: clock.now() };
  }

  return async () => {
    try {
      await run();
    } catch (error) {
      // The next run repeats it.
      if (!(error instanceof TenantUnavailable)) throw error;
      log.warn('audit.check_postponed', { error });
    }
  };
}
