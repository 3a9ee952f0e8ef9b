import {
  bouncesBeforeThrottle,
  day,
  measures,
  quotasOf,
  windows,
  type Limits,
  type QuotaName,
  type QuotaSubject,
} from '@mysmtp/contracts';
import { isUnusualVolume, type Baseline } from './unusual-volume.ts';
import { periodsAt, type Period } from './windows.ts';

/** How many counts there are: each measure in each window. */
const size = windows.length * measures.length;

const dayAt = windows.indexOf('day');
const recipientsPerHour =
  windows.indexOf('hour') * measures.length + measures.indexOf('recipients');

const names: Readonly<Record<QuotaSubject, readonly QuotaName[]>> = {
  tenant: quotasOf('tenant'),
  credential: quotasOf('credential'),
};

type Because = 'bounces' | 'account' | Unusual;

/** A limit that mail would exceed. */
export interface Exceeded {
  readonly name: QuotaName;
  readonly limit: number;
  /** When its window ends. Milliseconds since the epoch. */
  readonly end: number;
  /** False if this mail exceeds the limit in every window. */
  readonly passes: boolean;
  /**
   * If the limit is that of a throttled credential: when that ends, and why it is throttled. `account`: too
   * much mail of the tenant bounces, and the credential is new.
   */
  readonly throttledUntil?: number;
  readonly because?: Because;
}

/** What is unusual about the mail of a credential: how much it is, or how many recipients are new. */
export type Unusual = 'volume' | 'recipients';

/** How many recipients of a credential got its mail, and how many bounced, in the day that began at `start`. */
export interface OutcomeCount {
  readonly start: number;
  readonly delivered: number;
  readonly bounced: number;
}

/** One count, for its owner. */
export interface Use {
  readonly name: QuotaName;
  readonly limit: number;
  readonly used: number;
  readonly period: Period;
}

/** What is known of the usual volume of a credential. */
export interface VolumeHistory extends Baseline {
  /** The start of the last day in which its mail was unusual; 0 if it never was. */
  readonly unusualDay: number;
  readonly unusual: Unusual;
  /** When it was first used; 0 if that was before an older release. Milliseconds since the epoch. */
  readonly firstUsedAt: number;
}

/** A credential counts as new for so many days after its first use. */
const newDays = 3;

/** The counts of one window, by measure. */
export interface Count {
  readonly start: number;
  readonly counts: readonly number[];
}

/**
 * The mail of one tenant or credential in the current hour, day and month. `known` is what all processes
 * have written to the database, as this process last read it. `sent` is being written, and `added` is not
 * yet. Counting a message changes numbers in place: no promise, no object.
 */
export class Account {
  readonly id: string;
  readonly tenant: string;
  readonly subject: QuotaSubject;
  private periods: Period[];
  private readonly limits = new Float64Array(size);
  private readonly known = new Float64Array(size);
  private readonly sent = new Float64Array(size);
  private readonly added = new Float64Array(size);
  private delivered = 0;
  private bounced = 0;
  private bouncePercent = 0;
  private throttledMessages = 0;
  private baseline: Baseline;
  /** The start of the last day in which its mail was unusual. */
  private unusualDay = 0;
  private unusual: Unusual = 'volume';
  private firstUsedAt: number;
  /** Of a credential: the account of its tenant. */
  private readonly whole: Account | undefined;
  /** True if the database must be asked: mail was counted here, or refused. */
  isUsed = false;

  /** `whole`: for a credential, the account of its tenant. */
  constructor(id: string, tenant: string, limits: Limits, now: number, whole?: Account) {
    this.id = id;
    this.tenant = tenant;
    this.subject = id === tenant ? 'tenant' : 'credential';
    this.whole = whole;
    this.firstUsedAt = now;
    this.baseline = { since: now, busiest: [] };
    this.periods = periodsAt(now);
    this.limit(limits);
  }

  limit(limits: Limits): void {
    for (const [at, name] of names[this.subject].entries()) this.limits[at] = limits[name];
    this.bouncePercent = limits.bouncePercent;
    this.throttledMessages = limits.throttledMessagesPerHour;
  }

  /** The first limit that this mail would exceed if this many processes share it. */
  exceeded(
    recipients: number,
    octets: number,
    now: number,
    processes: number,
  ): Exceeded | undefined {
    this.roll(now);
    const throttled = this.throttled();
    const counted = throttled?.because === 'account' ? (this.whole ?? this) : this;
    if (throttled !== undefined && !counted.hasRoom(0, 1, processes, this.throttledMessages)) {
      const { until: throttledUntil, because } = throttled;
      return { ...counted.refuse(0, 1), limit: this.throttledMessages, throttledUntil, because };
    }
    for (let at = 0; at < size; at += measures.length) {
      if (!this.hasRoom(at, 1, processes)) return this.refuse(at, 1);
      if (!this.hasRoom(at + 1, recipients, processes)) return this.refuse(at + 1, recipients);
      if (!this.hasRoom(at + 2, octets, processes)) return this.refuse(at + 2, octets);
    }
    return undefined;
  }

  /** Counts a message; with -1 it takes back one that was counted. */
  count(recipients: number, octets: number, sign: 1 | -1): void {
    this.isUsed = true;
    for (let at = 0; at < size; at += measures.length) {
      this.add(at, sign);
      this.add(at + 1, sign * recipients);
      this.add(at + 2, sign * octets);
    }
  }

  /** What is to be written now. Call `written` or `notWritten` afterwards. */
  send(now: number): Count[] {
    this.roll(now);
    this.isUsed = false;
    this.sent.set(this.added);
    this.added.fill(0);
    return this.counts(this.sent);
  }

  /** What the database has now, `sent` included. */
  written(found: readonly Count[]): void {
    this.sent.fill(0);
    this.learn(found);
  }

  notWritten(): void {
    this.isUsed = true;
    for (let at = 0; at < size; at += 1) this.add(at, this.sent[at] ?? 0);
    this.sent.fill(0);
  }

  /** Takes over counts of the database. Those of another window say nothing about the current one. */
  learn(found: readonly Count[]): void {
    for (const [window, { start, counts }] of found.entries()) {
      const isCurrent = start === this.periods[window]?.start;
      for (const at of measures.keys()) {
        this.known[window * measures.length + at] = isCurrent ? (counts[at] ?? 0) : 0;
      }
    }
  }

  /** Adds outcomes of this day, which every process receives. */
  addOutcomes({ delivered, bounced }: Omit<OutcomeCount, 'start'>, now: number): void {
    this.roll(now);
    this.delivered += delivered;
    this.bounced += bounced;
    // They are stored for processes that start later. Without a bounce they do not matter.
    if (bounced > 0) this.isUsed = true;
  }

  get outcomes(): OutcomeCount {
    const { delivered, bounced } = this;
    return { start: this.periods[dayAt]?.start ?? 0, delivered, bounced };
  }

  /** Every process counts the same outcomes, so the greatest count is the most complete one. */
  learnOutcomes({ start, delivered, bounced }: OutcomeCount): void {
    if (start !== this.outcomes.start) return;
    this.delivered = Math.max(this.delivered, delivered);
    this.bounced = Math.max(this.bounced, bounced);
  }

  /** Takes over what the database has of the days before, and of this day. */
  learnVolume({ since, busiest, unusualDay, unusual, firstUsedAt }: VolumeHistory): void {
    this.baseline = { since, busiest };
    this.setUnusual(unusualDay, unusual);
    this.firstUsedAt = firstUsedAt;
  }

  /** From now on it is throttled until this day ends. */
  setUnusual(day: number, unusual: Unusual): void {
    if (day <= this.unusualDay) return;
    this.unusualDay = day;
    this.unusual = unusual;
  }

  isUnusualOn(day: number): boolean {
    return this.unusualDay === day;
  }

  /** The day of a credential that sends far more than usual; `undefined` if it does not, or is throttled. */
  newUnusualDay(): number | undefined {
    const day = this.periods[dayAt]?.start ?? 0;
    if (this.subject !== 'credential' || this.unusualDay === day) return undefined;
    const recipients = (this.known[recipientsPerHour] ?? 0) + this.own(recipientsPerHour);
    return isUnusualVolume(recipients, this.baseline, day) ? day : undefined;
  }

  /** The end of the day, if this credential is throttled; `undefined` if not. */
  throttledUntil(): number | undefined {
    return this.throttled()?.until;
  }

  /** The same, if some of its mail bounces and that is why. */
  bouncedUntil(): number | undefined {
    const throttled = this.throttled();
    const isBounces = throttled?.because === 'bounces' || throttled?.because === 'account';
    return isBounces && this.bounced > 0 ? throttled.until : undefined;
  }

  /**
   * A new credential counts together with all mail of its tenant. Otherwise a tenant could replace each
   * throttled credential by the next one.
   */
  private throttled(): { readonly until: number; readonly because: Because } | undefined {
    const today = this.periods[dayAt];
    if (this.subject === 'tenant' || today === undefined) return undefined;
    const until = today.end;
    if (this.bouncesTooMuch()) return { until, because: 'bounces' };
    if (this.whole?.bouncesTooMuch() === true && this.firstUsedAt > today.start - newDays * day) {
      return { until, because: 'account' };
    }
    return this.unusualDay === today.start ? { until, because: this.unusual } : undefined;
  }

  private bouncesTooMuch(): boolean {
    const { delivered, bounced } = this;
    return (
      bounced >= bouncesBeforeThrottle && bounced * 100 > this.bouncePercent * (delivered + bounced)
    );
  }

  uses(now: number): Use[] {
    this.roll(now);
    return names[this.subject].map((name, at) => ({
      name,
      limit: this.limits[at] ?? 0,
      // A message may be taken back after its window has ended.
      used: Math.max(0, (this.known[at] ?? 0) + this.own(at)),
      period: this.periodOf(at),
    }));
  }

  /**
   * Each process may use its share of what is left. One message that fits into the limit is accepted even if
   * it does not fit into the share, so that a large one is not refused in every process.
   */
  private hasRoom(
    at: number,
    more: number,
    processes: number,
    limit = this.limits[at] ?? 0,
  ): boolean {
    const left = limit - (this.known[at] ?? 0);
    const own = this.own(at);
    return own + more <= Math.ceil(left / processes) || (own === 0 && more <= left);
  }

  private refuse(at: number, more: number): Exceeded {
    // Another process may have written less than this process assumes.
    this.isUsed = true;
    const limit = this.limits[at] ?? 0;
    const name = names[this.subject][at] ?? 'messagesPerHour';
    return { name, limit, end: this.periodOf(at).end, passes: more <= limit };
  }

  private own(at: number): number {
    return (this.sent[at] ?? 0) + (this.added[at] ?? 0);
  }

  private add(at: number, more: number): void {
    this.added[at] = (this.added[at] ?? 0) + more;
  }

  private periodOf(at: number): Period {
    return this.periods[Math.floor(at / measures.length)] ?? { start: 0, end: 0 };
  }

  /** Begins new windows. What was counted in an old one and not written yet is of no use any more. */
  private roll(now: number): void {
    this.whole?.roll(now);
    if (now < (this.periods[0]?.end ?? 0)) return;
    const before = this.periods;
    this.periods = periodsAt(now);
    for (const [window, { start }] of this.periods.entries()) {
      if (start === before[window]?.start) continue;
      if (window === dayAt) this.delivered = this.bounced = 0;
      const from = window * measures.length;
      for (const counts of [this.known, this.sent, this.added]) {
        counts.fill(0, from, from + measures.length);
      }
    }
  }

  private counts(values: Float64Array): Count[] {
    return this.periods.map(({ start }, window) => ({
      start,
      counts: measures.map((_, at) => values[window * measures.length + at] ?? 0),
    }));
  }
}
