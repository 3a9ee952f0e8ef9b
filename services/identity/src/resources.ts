import { joinErasures } from '@mysmtp/erasure';
import { openApi, openSignedCallerVerifier } from '@mysmtp/http';
import type { House } from '@mysmtp/service';
import { routes } from './api/routes.ts';
import type { IdentityConfig } from './config.ts';
import { plantCanaries } from './erasure/plant.ts';
import { purgesOf } from './erasure/purges.ts';
import { dropLostClaimsJob } from './jobs/drop-lost-claims.ts';
import { sweepOutbox } from './jobs/sweep-outbox.ts';
import { openNouns } from './nouns.ts';

export async function openResources(house: House<IdentityConfig>): Promise<void> {
  const { name, config, log, clock, metrics } = house;
  const nouns = await openNouns(house);
  const { outbox, entities } = nouns;
  house.own(sweepOutbox({ outbox, clock, log, metrics }), (job) => job.stop());
  house.own(dropLostClaimsJob({ entities, clock, log }), (job) => job.stop());
  const { connection: database, broker, publisher } = nouns;
  await joinErasures(house, {
    database,
    broker,
    publisher,
    purges: purgesOf(nouns),
    plant: ({ tenant }) => plantCanaries(tenant, nouns),
  });
  house.own(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      routes: routes(nouns),
      tokens: (hash) => nouns.tokens.lookUp(hash),
      callers: await openSignedCallerVerifier(name, config.serviceJwksFile),
      log,
      metrics,
    }),
    (api) => api.close(),
  );
}
