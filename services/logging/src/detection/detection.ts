import { TenantUnavailable, type FindingNotice, type FindingRule } from '@mysmtp/contracts';
import { CallError } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { createBackoff } from '@mysmtp/retry';
import type { SecurityLog } from '@mysmtp/security-log';
import type { Tenants } from '@mysmtp/tenancy';
import { Counter, type Registry } from 'prom-client';
import { createDetector, quiet, reach, type Finding } from './detector.ts';
import { keepFinding, type FindingCollection } from './findings.ts';
import type { PastEvents } from './past-events.ts';
import { rules, type Observed, type Rule } from './rules.ts';

/** Detection over the stream of security events. One process at a time gets them (`logging.security`). */
export interface Detection {
  /**
   * Resolves with true when everything that these events show is durable. Resolves with false if the
   * service stops while the database or keys are away. An event may be seen again.
   */
  see(events: readonly Observed[]): Promise<boolean>;
  /** Puts new findings into the audit chain, and has identity tell the owners. Returns whether there were any. */
  tell(): Promise<boolean>;
}

/** After such a pause another process may have got events. Milliseconds. */
const pauseLimit = 5_000;
/** Clocks of processes differ by less. */
const overlap = 60_000;

const delays = { first: 100, longest: 5_000 } as const;

export function createDetection(deps: {
  readonly findings: FindingCollection;
  readonly pastEvents: PastEvents;
  readonly tenants: Pick<Tenants, 'run'>;
  readonly securityLog: Pick<SecurityLog, 'record'>;
  readonly notice: (finding: FindingNotice) => Promise<unknown>;
  /** Called for each new finding of this process. */
  readonly found: () => void;
  readonly clock: { now(): number };
  readonly stopping: AbortSignal;
  readonly log: Logger;
  readonly metrics: Registry;
}): Detection {
  const { findings, pastEvents, tenants, securityLog, notice, clock, stopping, log } = deps;
  const detector = createDetector();
  const made = new Counter({
    name: 'mysmtp_findings_total',
    help: 'What detection has found, by rule and severity.',
    labelNames: ['rule', 'severity'],
    registers: [deps.metrics],
  });
  for (const [rule, { severity }] of Object.entries<Rule>(rules)) made.inc({ rule, severity }, 0);
  let seenAt = -Infinity;
  let pending: Promise<unknown> = Promise.resolve();

  /** What happened while this process did not run, or another one got the events. */
  async function catchUp(now: number): Promise<void> {
    for (const { rule, about, at } of await findings
      .find({ at: { $gte: now - quiet } })
      .toArray()) {
      detector.remember({ rule, about, at });
    }
    for (const [type, span] of reach()) {
      const since = Math.max(now - span, seenAt - overlap);
      for await (const event of pastEvents(type, since)) await seeOne(event);
    }
  }

  async function seeOne(event: Observed): Promise<void> {
    for (const finding of detector.see(event)) await keep(finding);
  }

  async function keep(finding: Finding): Promise<void> {
    const { tenant, rule, severity, count } = finding;
    const write = () => keepFinding(findings, finding);
    try {
      const isNew = tenant === null ? await write() : await tenants.run(tenant, 'write', write);
      if (!isNew) return;
    } catch (error) {
      // The rule must be able to fire again when the event is seen again.
      detector.forget(finding);
      // A tenant that is erased has no findings.
      if (error instanceof TenantUnavailable && !error.passes) return;
      throw error;
    }
    made.inc({ rule, severity });
    deps.found();
    log.warn('finding.made', { reason: rule, ...(tenant !== null && { tenant }), count });
  }

  async function seeAll(events: readonly Observed[]): Promise<boolean> {
    const backoff = createBackoff(delays);
    for (;;) {
      try {
        const now = clock.now();
        if (now - seenAt > pauseLimit) await catchUp(now);
        for (const event of events) await seeOne(event);
        seenAt = now;
        return true;
      } catch (error) {
        log.warn('detection.failed', { error });
        if (stopping.aborted) return false;
        await backoff.wait(stopping);
      }
    }
  }

  async function tellOne(finding: {
    readonly _id: string;
    readonly tenant: string | null;
    readonly rule: FindingRule;
    readonly severity: string;
    readonly at: number;
  }): Promise<void> {
    const { _id, tenant, rule, severity, at } = finding;
    await securityLog.record({
      type: 'finding',
      tenant,
      actor: { kind: 'service', id: 'logging' },
      object: _id,
      reason: rule,
      outcome: 'ok',
    });
    // Whoever signs in from a new device gets a notice of identity.
    if (tenant !== null && severity !== 'low') {
      await notice({ id: _id, tenant, rule, at }).catch((error: unknown) => {
        // The tenant is erased.
        if (!(error instanceof CallError) || error.status === 0 || error.status >= 500) throw error;
      });
    }
    await findings.updateOne({ _id }, { $unset: { untold: true } });
  }

  return {
    see(events) {
      const seen = pending.then(() => seeAll(events));
      pending = seen;
      return seen;
    },
    async tell() {
      let told = 0;
      for await (const finding of findings.find({ untold: true }).sort({ untold: 1 }).limit(100)) {
        await tellOne(finding);
        told += 1;
      }
      return told > 0;
    },
  };
}
