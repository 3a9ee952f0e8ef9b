import { minute } from '@mysmtp/contracts';
import { openApi } from '@mysmtp/http';
import { openErasureParticipant, readOwnKeys } from '@mysmtp/erasure';
import { startJob, type ServiceContext } from '@mysmtp/service';
import { openMembers } from '@mysmtp/tenancy';
import { routes } from './api/routes.ts';
import type { IdentityConfig } from './config.ts';
import { dropExpiredReservationsJob } from './jobs/drop-expired-reservations.ts';
import { sweepOutbox } from './jobs/sweep-outbox.ts';
import { plant } from './erasure/plant.ts';
import { purges } from './erasure/purge.ts';
import { openConnections } from './connections.ts';
import { openStores } from './stores.ts';

export async function openResources(context: ServiceContext<IdentityConfig>): Promise<void> {
  const { name, config, log, clock, metrics } = context;
  const deps = await openConnections(context);
  const stores = await openStores(context, deps);
  const { outbox, entities } = stores;
  context.manage(sweepOutbox({ outbox, clock, log, metrics }), (job) => job.stop());
  context.manage(dropExpiredReservationsJob({ entities, clock, log, metrics }), (job) =>
    job.stop(),
  );
  const expireTokens = () => stores.tokens.revokeExpired();
  context.manage(startJob('expire-tokens', minute, expireTokens, context), (job) => job.stop());
  await openErasureParticipant(context, {
    ...deps,
    purges: { tenant: purges(stores) },
    plant: { tenant: plant(stores, deps.tenants) },
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
      tokens: (hash) => stores.tokens.lookUp(hash),
      async accounts(tenant) {
        const account = await stores.tenants.account(tenant);
        if (account === undefined) return undefined;
        const { status, limits } = account;
        return { status, requests: Math.ceil(limits.apiRequestsPerMinute / processes()) };
      },
      callers: deps.callers,
      checkReplies: config.checkReplies,
      log,
      metrics,
    }),
    (api) => api.close(),
  );
}
