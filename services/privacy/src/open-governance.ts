import type { privacyApi } from '@mysmtp/api';
import { hour, minute, registry } from '@mysmtp/contracts';
import type { Handlers } from '@mysmtp/http';
import { retentionGauges, startJob, type ServiceContext } from '@mysmtp/service';
import type { Connection } from 'mongoose';
import { breachHandlers } from './api/breaches.ts';
import { consentHandlers } from './api/consents.ts';
import { documentHandlers } from './api/documents.ts';
import { breachMetrics } from './breaches/metrics.ts';
import { breachRetention, openBreaches } from './breaches/register.ts';
import type { PrivacyConfig } from './config.ts';
import type { Consents } from './consents/ledger.ts';
import { openEditions, publish } from './documents/editions.ts';
import type { OperatorFacts } from './documents/operator.ts';
import type { Sealing } from './tenants/sealing.ts';
import type { Verifier } from './verifier/verifier.ts';

type GovernanceHandlers = ReturnType<typeof documentHandlers> &
  ReturnType<typeof consentHandlers> &
  ReturnType<typeof breachHandlers>;

/** Opens what a data protection officer works with: documents, consents, the register of breaches. */
export async function openGovernance(
  context: ServiceContext<PrivacyConfig>,
  deps: {
    readonly database: Connection;
    readonly facts: OperatorFacts;
    readonly consents: Consents;
    readonly sealing: Sealing;
    readonly verifier: Verifier;
    readonly activate: (tenant: string) => Promise<unknown>;
  },
): Promise<Pick<Handlers<typeof privacyApi>, keyof GovernanceHandlers>> {
  const { config, clock, log, metrics } = context;
  const { database, facts, consents, sealing, verifier, activate } = deps;
  const days = { mail: config.mailKeyDays, events: config.eventsKeyDays };
  const editions = await openEditions(database);
  await publish(editions, { registry, facts, days, clock, log });
  const breaches = await openBreaches(database, {
    sealing,
    activate,
    clock,
    deadlines: {
      authority: config.breachAuthorityDeadline,
      customers: config.breachCustomersDeadline,
    },
  });
  const deadlines = breachMetrics(clock, metrics);
  const changed = async () => deadlines.update(await breaches.list());
  const age = retentionGauges({
    store: 'privacy.breaches',
    limit: breachRetention + hour,
    clock,
    metrics,
  });
  for (const job of [
    // Another process may have changed the register.
    startJob('watch-breaches', minute, changed, context),
    startJob(
      'expire-governance',
      hour,
      async () => {
        await breaches.expire();
        age.update(await breaches.oldest());
        await consents.expire();
      },
      context,
    ),
  ]) {
    context.manage(job, (started) => started.stop());
  }
  return {
    ...documentHandlers({ editions, facts, clock }),
    ...consentHandlers({ consents, activate, log }),
    ...breachHandlers({ breaches, verifier, facts, registry, changed, clock, log }),
  };
}
