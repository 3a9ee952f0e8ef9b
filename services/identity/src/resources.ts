import { internalApis, minute } from '@mysmtp/contracts';
import { openApi } from '@mysmtp/http';
import { openErasureParticipant, readOwnKeys } from '@mysmtp/erasure';
import { openOrders } from '@mysmtp/orders';
import { retry } from '@mysmtp/retry';
import { startJob, type ServiceContext } from '@mysmtp/service';
import { principals } from './api/principal-of.ts';
import { openMembers } from '@mysmtp/tenancy';
import { routes } from './api/routes.ts';
import type { IdentityConfig } from './config.ts';
import { dropExpiredReservationsJob } from './jobs/drop-expired-reservations.ts';
import { startDomainJobs } from './jobs/domain-checks.ts';
import { sweepOutbox } from './jobs/sweep-outbox.ts';
import { expireAccounts } from './jobs/expire-accounts.ts';
import { submitNotices } from './jobs/submit-notices.ts';
import { plant } from './erasure/plant.ts';
import { purges } from './erasure/purge.ts';
import { openSecurityLog } from '@mysmtp/security-log';
import { keysOf, notingUse, openUseReports } from '@mysmtp/tenancy';
import { openConnections } from './connections.ts';
import { personStoresOf } from './person-stores.ts';
import { openStores } from './stores.ts';

const activationDelays = { first: 500, longest: 30_000 } as const;

export async function openResources(context: ServiceContext<IdentityConfig>): Promise<void> {
  const { name, config, log, clock, metrics } = context;
  const deps = await openConnections(context);
  const stores = await openStores(context, deps);
  const { outbox, entities, notices, accounts } = stores;
  const securityLog = openSecurityLog(context, { ...deps, keyOf: keysOf(deps.tenants) });
  context.manage(sweepOutbox({ outbox, clock, log, metrics }), (job) => job.stop());
  context.manage(dropExpiredReservationsJob({ entities, clock, log, metrics }), (job) =>
    job.stop(),
  );
  for (const job of startDomainJobs(stores, context)) {
    context.manage(job, (started) => started.stop());
  }
  if (config.noticesFrom === undefined) {
    log.warn('notices.unconfigured', { setting: 'NOTICES_FROM' });
  }
  context.manage(submitNotices({ notices, clock, log, metrics }), (job) => job.stop());
  context.manage(expireAccounts({ accounts, clock, log, metrics }), (job) => job.stop());
  // The other services need a key of this realm, too, to share counts of failed authentications.
  const activated = retry(stores.activateOperatorRealm, {
    ...activationDelays,
    signal: context.stopping,
  }).catch((error: unknown) => log.debug('operator_realm.not_activated', { error }));
  context.manage({ activated }, (work) => work.activated);
  const followOwners = () => accounts.owners.sweep();
  context.manage(startJob('follow-owners', 30_000, followOwners, context), (job) => job.stop());
  const expireTokens = async () => {
    await stores.tokens.revokeExpired();
    await accounts.departures.sweep();
  };
  context.manage(startJob('expire-tokens', minute, expireTokens, context), (job) => job.stop());
  const tell = async () => {
    const { announcement } = await deps.privacy.call(internalApis.announcement, {});
    if (announcement !== null) await stores.noticeAnnouncement(announcement);
  };
  context.manage(startJob('tell-announcements', minute, tell, context), (job) => job.stop());
  const dropAccesses = () => stores.accesses.dropExpired();
  context.manage(startJob('drop-accesses', minute, dropAccesses, context), (job) => job.stop());
  await openErasureParticipant(context, {
    ...deps,
    // Data of persons in mail is not here. Accounts are erased by closing them.
    purges: { tenant: purges(stores), person: {} },
    plant: { tenant: plant(stores, deps.tenants, securityLog) },
    orders: await openOrders(context, {
      ...deps,
      standing: (asked) => deps.privacy.call(internalApis.orderStanding, asked),
      stores: personStoresOf({ ...stores, access: deps.tenants }),
    }),
  });
  const members = context.manage(
    openMembers(deps.control, { services: [name], lease: config.processLease, log }),
    (open) => open.close(),
  );
  const processes = () => Math.max(1, members.live().length);
  context.manage(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: deps.tls,
      routes: routes(stores, await readOwnKeys(context)),
      tokens: notingUse(principals(stores), openUseReports(context, stores.recordUses)),
      async accounts(tenant) {
        const account = await stores.tenants.account(tenant);
        if (account === undefined) return undefined;
        const { status, limits } = account;
        return { status, requests: Math.ceil(limits.apiRequestsPerMinute / processes()) };
      },
      callers: deps.callers,
      authFailures: stores.authThrottle,
      securityLog,
      checkReplies: config.checkReplies,
      clock,
      log,
      metrics,
    }),
    (api) => api.close(),
  );
}
