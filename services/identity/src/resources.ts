import { minute } from '@mysmtp/contracts';
import { openApi } from '@mysmtp/http';
import { joinErasures, readOwnKeys } from '@mysmtp/erasure';
import { startJob, type House } from '@mysmtp/service';
import { routes } from './api/routes.ts';
import type { IdentityConfig } from './config.ts';
import { dropLostClaimsJob } from './jobs/drop-lost-claims.ts';
import { sweepOutbox } from './jobs/sweep-outbox.ts';
import { plant } from './erasure/plant.ts';
import { purges } from './erasure/purge.ts';
import { openMeans } from './means.ts';
import { openNouns } from './nouns.ts';

export async function openResources(house: House<IdentityConfig>): Promise<void> {
  const { name, config, log, clock, metrics } = house;
  const means = await openMeans(house);
  const nouns = await openNouns(house, means);
  const { outbox, entities } = nouns;
  house.own(sweepOutbox({ outbox, clock, log, metrics }), (job) => job.stop());
  house.own(dropLostClaimsJob({ entities, clock, log, metrics }), (job) => job.stop());
  const expireTokens = () => nouns.tokens.revokeExpired();
  house.own(startJob('expire-tokens', minute, expireTokens, house), (job) => job.stop());
  await joinErasures(house, {
    ...means,
    purges: { tenant: purges(nouns) },
    plant: { tenant: plant(nouns, means.tenants) },
  });
  house.own(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: means.tls,
      routes: routes(nouns, await readOwnKeys(house)),
      tokens: (hash) => nouns.tokens.lookUp(hash),
      callers: means.callers,
      checkReplies: config.checkReplies,
      log,
      metrics,
    }),
    (api) => api.close(),
  );
}
