import type { privacyApi } from '@mysmtp/api';
import { hour, ledgerRetention, minute, operatorRealm, registry } from '@mysmtp/contracts';
import { createGuardedFetch, type Handlers, type ServiceClient } from '@mysmtp/http';
import type { SecurityLog } from '@mysmtp/security-log';
import {
  retentionGauges,
  startJob,
  startPacedJob,
  type Pace,
  type ServiceContext,
} from '@mysmtp/service';
import type { Model } from 'mongoose';
import { downloadExport } from './api/download-export.ts';
import { holdHandlers } from './api/holds.ts';
import { openDsrHandlers } from './api/opendsr.ts';
import { publicRequestHandlers } from './api/public-requests.ts';
import { requestHandlers } from './api/requests.ts';
import type { CertificateSigner } from './certificates/signer.ts';
import type { PrivacyConfig } from './config.ts';
import type { OperatorFacts } from './documents/operator.ts';
import type { Ledger } from './erasures/ledger.ts';
import type { Holds } from './holds/register.ts';
import { advanceRequestsPace, requestAdvance } from './jobs/advance-requests.ts';
import { mailRetention, type Mails } from './mails/outbox.ts';
import { createCallbacks } from './requests/callbacks.ts';
import { createChallenges } from './requests/challenges.ts';
import type { Requests } from './requests/ledger.ts';
import { liftingTold } from './requests/lifting.ts';
import { createRecipientNotices } from './requests/recipients.ts';
import { requestMetrics } from './requests/metrics.ts';
import type { Policies } from './requests/policy.ts';
import type { PersonRights } from './open-person-rights.ts';
import type { Right } from './rights/right.ts';
import { createRights } from './rights/rights.ts';
import type { Sealing } from './tenants/sealing.ts';
import type { TenantDocument } from './tenants/tenant.ts';

type RequestHandlers = Pick<Handlers<typeof privacyApi>, 'downloadExport'> &
  ReturnType<typeof requestHandlers> &
  ReturnType<typeof publicRequestHandlers> &
  ReturnType<typeof openDsrHandlers> &
  ReturnType<typeof holdHandlers>;

const sendingPace: Pace = { busy: 1_000, idle: 5_000 };

/** Opens the rights of persons: the ledger of requests with its clocks, the public page, and legal holds. */
export function openPersonRequests(
  context: ServiceContext<PrivacyConfig>,
  deps: {
    readonly requests: Requests;
    readonly holds: Holds;
    readonly policies: Policies;
    readonly mails: Mails;
    readonly sealing: Sealing;
    readonly tenants: Model<TenantDocument>;
    readonly certificates: CertificateSigner;
    readonly identity: ServiceClient;
    readonly securityLog: SecurityLog;
    readonly facts: OperatorFacts;
    readonly erasePerson: Right;
    readonly ledger: Ledger;
    readonly personRights: Pick<PersonRights, 'rights' | 'holders' | 'exports'>;
  },
): Pick<Handlers<typeof privacyApi>, keyof RequestHandlers> {
  const { config, clock, log, metrics } = context;
  const { requests, holds, mails, tenants, certificates, personRights } = deps;
  const { holders, exports } = personRights;
  const guarded = context.manage(
    createGuardedFetch({ allowPrivate: config.privateCallbacks }),
    (open) => open.close(),
  );
  const challenges = createChallenges({ ...deps, clock });

  async function activeTenants(): Promise<string[]> {
    const active = { state: 'active' as const, _id: { $ne: operatorRealm } };
    const found = await tenants.find(active, { _id: 1 }).lean();
    return found.map(({ _id }) => _id);
  }

  const turn = requestAdvance({
    ...deps,
    rights: createRights(deps),
    holders,
    exports,
    activeTenants,
    clock,
    log,
  });
  const callBack = createCallbacks({
    requests,
    certificates,
    guardedFetch: guarded.fetch,
    clock,
    log,
  });
  const notices = createRecipientNotices({ ...deps, erasures: deps.ledger, clock, log });
  const gauges = requestMetrics(requests, clock, metrics);
  const [ledger, held] = ['privacy.requests', 'privacy.holds'].map((store) =>
    retentionGauges({ store, limit: ledgerRetention + hour, clock, metrics }),
  );
  const waiting = retentionGauges({
    store: 'privacy.mails',
    limit: mailRetention + hour,
    clock,
    metrics,
  });
  const advancing = startPacedJob('advance-requests', advanceRequestsPace, turn, context);
  const calling = startPacedJob('call-back', sendingPace, callBack, context);
  requests.onChange(() => {
    advancing.wake();
    calling.wake();
  });
  const submitting = startPacedJob(
    'submit-mails',
    sendingPace,
    async () => {
      await notices.send();
      await mails.submitDue(async (mail) => {
        await notices.submitted(mail);
        await liftingTold(mail, { requests, clock });
      });
      const oldest = await mails.oldest();
      waiting.update(oldest);
      return oldest !== undefined;
    },
    context,
  );
  mails.onKept(submitting.wake);
  for (const job of [
    advancing,
    calling,
    submitting,
    startJob(
      'watch-requests',
      minute,
      async () => {
        await requests.expire();
        await holds.forgetEnded(requests.isErasing);
        await holds.expire();
        ledger?.update(await requests.oldest());
        held?.update(await holds.oldest());
        await gauges.update();
      },
      context,
    ),
  ]) {
    context.manage(job, (started) => started.stop());
  }
  return {
    ...requestHandlers({ ...deps, challenges, clock, log }),
    downloadExport: downloadExport({ ...deps, exports, clock }),
    ...publicRequestHandlers({ ...deps, exports, challenges, clock, log }),
    ...openDsrHandlers({ ...deps, clock, log }),
    ...holdHandlers({
      holds,
      registry,
      isActive: async (tenant) => (await tenants.exists({ _id: tenant, state: 'active' })) !== null,
      clock,
      log,
    }),
  };
}
