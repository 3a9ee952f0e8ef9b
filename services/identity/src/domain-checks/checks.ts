import { DomainRecordKind } from '@mysmtp/api';
import { hour, isUnavailable, minute, type Actor, type DomainStatus } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { Domain } from '../domains/documents.ts';
import type { DomainFacts, DomainVerification } from '../domains/verification.ts';
import type { DomainCheckDocument } from '../domains/check-model.ts';
import type { CheckSchedule, ScheduleMeasures } from '../domains/check-schedule.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { Telemetry } from '../telemetry.ts';
import { lookUp, type Finding } from './look-up.ts';
import { wantedRecords, type OurNames, type WantedRecord } from './records.ts';
import type { DnsLookups } from './texts.ts';

/** A record with the result of its last check. */
export interface CheckedRecord extends Omit<WantedRecord, 'part'> {
  readonly state: Finding['state'] | 'unchecked';
  readonly found: string[];
}

export interface CheckedDomain {
  readonly domain: Domain;
  /** Another account may send from the domain, although this one has published its challenge. */
  readonly taken: boolean;
  readonly checkedAt: string | null;
  readonly records: CheckedRecord[];
}

export interface DomainChecks {
  /** The records of a domain with the results of its last check; `undefined` if there is no such domain. */
  show(id: string): Promise<CheckedDomain | undefined>;
  /** Milliseconds between two calls of `checkNow` for one domain. */
  readonly pause: number;
  /** Checks a domain now. False if it was checked within `pause`, or is being checked. */
  checkNow(id: string): Promise<boolean>;
  /** Checks all domains that are due. */
  checkDue(): Promise<void>;
  /** How many domains have lost each kind of record, and since when the oldest check is due. */
  measure(): Promise<ScheduleMeasures>;
}

/** A result as stored, with the name of its record. `settled`: the last state that was no error. */
interface Result extends Finding {
  readonly name: string;
  readonly settled?: Finding['state'];
}
type Results = Partial<Record<DomainRecordKind, Result>>;

/** How many domains are checked at once. */
const atOnce = 10;
/** A verified domain whose challenge is gone for so long is unverified again. */
const ownershipGrace = 7 * 24 * hour;
const every: Readonly<Record<DomainStatus, number>> = {
  unverified: hour,
  verified: 6 * hour,
  vouched: 6 * hour,
};
/** After an answer of DNS that was an error. */
const soonAgain = 15 * minute;
/** A claim that was never verified is not looked up every hour for ever. */
const claimPatience = 14 * 24 * hour;

const job: Actor = { kind: 'job', id: 'check-domains' };
const fieldPath = (id: string) => `domainChecks:${id}:results` as const;

export function createDomainChecks(deps: {
  readonly domains: DomainVerification;
  readonly schedule: CheckSchedule;
  readonly dns: DnsLookups;
  readonly ours: OurNames;
  readonly access: Pick<Tenants, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
  readonly stopping: AbortSignal;
  readonly pause: number;
  /** Tells the owner of a domain that records are gone. */
  readonly onBroken: (tenant: string, domain: string, records: readonly DomainRecordKind[]) => void;
}): DomainChecks {
  const {
    domains,
    schedule,
    dns,
    ours,
    access,
    fields,
    clock,
    telemetry,
    stopping,
    onBroken,
    pause,
  } = deps;

  /** The last results for these records. The result for a key of before says nothing about the next one. */
  async function resultsOf(
    { _id: id, tenant, results }: DomainCheckDocument,
    wanted: readonly WantedRecord[],
  ): Promise<Results> {
    if (results === undefined) return {};
    const all = JSON.parse(await fields.open(tenant, fieldPath(id), results)) as Results;
    const same = wanted.filter(({ kind, name }) => all[kind]?.name === name);
    return Object.fromEntries(same.map(({ kind }) => [kind, all[kind]])) as Results;
  }

  async function look(wanted: readonly WantedRecord[], before: Results): Promise<Results> {
    const found = wanted.map(async (record) => {
      const { kind, name } = record;
      const finding = await lookUp(dns, record);
      telemetry.recordLookedUp(kind, finding.state);
      const settled = finding.state === 'error' ? before[kind]?.settled : finding.state;
      return [kind, { ...finding, name, ...(settled && { settled }) }] as const;
    });
    return Object.fromEntries(await Promise.all(found)) as Results;
  }

  /** What the results mean for the domain. Returns what else is stored. */
  async function apply(
    domain: DomainFacts,
    { ownershipLostAt }: DomainCheckDocument,
    results: Results,
  ): Promise<{ status: DomainStatus; taken: boolean; ownershipLostAt: number | undefined }> {
    const { id, status } = domain;
    await domains.settleDkim(domain, {
      dkim: publicationOf(results.dkim),
      ed25519: publicationOf(results['dkim-ed25519']),
    });
    const state = results.ownership?.state;
    if (status === 'unverified' && state === 'ok') {
      const verified = await domains.verify(job, id);
      return {
        status: verified ? 'verified' : 'unverified',
        taken: !verified,
        ownershipLostAt: undefined,
      };
    }
    const isLost = status === 'verified' && (state === 'missing' || state === 'different');
    if (!isLost) {
      return {
        status,
        taken: false,
        ownershipLostAt: state === 'error' ? ownershipLostAt : undefined,
      };
    }
    const since = ownershipLostAt ?? clock.now();
    if (clock.now() - since < ownershipGrace)
      return { status, taken: false, ownershipLostAt: since };
    await domains.loseOwnership(job, id);
    return { status: 'unverified', taken: false, ownershipLostAt: undefined };
  }

  /** Which records are broken now, and tells what has changed. An error changes nothing. */
  function compare(
    { id, tenant }: DomainFacts,
    wanted: readonly WantedRecord[],
    [before, now]: readonly [Results, Results],
    wasBroken: readonly string[],
  ): DomainRecordKind[] {
    const needed = wanted.filter(({ need }) => need !== 'optional').map(({ kind }) => kind);
    const isBroken = (kind: DomainRecordKind) => {
      const { settled } = now[kind] ?? {};
      if (settled === undefined || settled === 'ok') return false;
      return wasBroken.includes(kind) || before[kind]?.settled === 'ok';
    };
    const broken = needed.filter(isBroken);
    const fresh = broken.filter((kind) => !wasBroken.includes(kind));
    for (const kind of fresh) telemetry.recordBroken(tenant, id, kind);
    for (const kind of DomainRecordKind.options) {
      if (wasBroken.includes(kind) && now[kind]?.settled === 'ok')
        telemetry.recordRestored(tenant, id, kind);
    }
    if (fresh.length > 0) onBroken(tenant, id, fresh);
    return broken;
  }

  /** Checks a domain that this process has leased. */
  async function check(leased: DomainCheckDocument): Promise<void> {
    const { _id: id, tenant } = leased;
    if (access.fencedBy(tenant) !== undefined) return;
    const domain = await domains.facts(id);
    if (domain === undefined) return schedule.remove(id);
    const wanted = wantedRecords(domain, ours);
    const before = await resultsOf(leased, wanted);
    const results = await look(wanted, before);
    // Lookups that the stop has cut off are no results. Another process has the domain after the lease.
    if (stopping.aborted) return;
    await access.run(tenant, 'write', async () => {
      const { status, ...rest } = await apply(domain, leased, results);
      const broken = compare(domain, wanted, [before, results], leased.broken);
      const text = JSON.stringify(results);
      await schedule.save(leased, {
        ...rest,
        broken,
        checkedAt: clock.now(),
        results: await fields.seal(tenant, fieldPath(id), text),
        dueAt:
          leased.dueAt === undefined
            ? undefined
            : clock.now() + jittered(waitOf(domain, status, results)),
      });
    });
  }

  async function checkOneByOne(): Promise<void> {
    while (!stopping.aborted) {
      const leased = await schedule.lease({ dueAt: { $lte: clock.now() } });
      if (leased === undefined) return;
      await check(leased).catch((error: unknown) => {
        if (!isUnavailable(error, 'fenced'))
          telemetry.checkFailed(leased.tenant, leased._id, error);
      });
    }
  }

  function waitOf(domain: DomainFacts, status: DomainStatus, results: Results): number {
    const usual = every[status];
    if (Object.values(results).some(({ state }) => state === 'error'))
      return Math.min(soonAgain, usual);
    const isOld = clock.now() - domain.createdAt > claimPatience;
    return status === 'unverified' && isOld ? every.verified : usual;
  }

  return {
    pause,
    async show(id) {
      const domain = await domains.facts(id);
      if (domain === undefined) return undefined;
      const stored = await schedule.find(id);
      const wanted = wantedRecords(domain, ours);
      const results = stored === undefined ? {} : await resultsOf(stored, wanted);
      const { name, signing, status } = domain;
      const { checkedAt } = stored ?? {};
      return {
        domain: { id, name, signing, status },
        taken: stored?.taken ?? false,
        checkedAt: checkedAt === undefined ? null : new Date(checkedAt).toISOString(),
        records: wanted.map((record) => showRecord(record, results[record.kind])),
      };
    },
    async checkNow(id) {
      const leased = await schedule.lease({
        _id: id,
        checkedAt: { $not: { $gt: clock.now() - pause } },
      });
      if (leased === undefined) return false;
      await check(leased);
      return true;
    },
    async checkDue() {
      await Promise.all(Array.from({ length: atOnce }, checkOneByOne));
    },
    measure: () => schedule.measure(DomainRecordKind.options),
  };
}

const publicationOf = (result: Result | undefined): 'published' | 'missing' | undefined =>
  result?.settled && (result.settled === 'ok' ? 'published' : 'missing');

/** Spreads the checks of domains that were added together. */
const jittered = (wait: number): number => wait * (0.9 + Math.random() * 0.2);

function showRecord({ part, ...wanted }: WantedRecord, result: Result | undefined): CheckedRecord {
  const { state = 'unchecked', found = [] } = result ?? {};
  const [record, ...others] = found;
  // A domain has one SPF record (RFC 7208 3.2), so ours goes into the one that there is.
  const isMerged =
    part !== undefined && state === 'different' && record !== undefined && others.length === 0;
  const value = isMerged ? record.replace(/^v=spf1/i, `v=spf1 ${part}`) : wanted.value;
  return { ...wanted, value, state, found: [...found] };
}
