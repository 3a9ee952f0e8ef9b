import { ingressApi } from '@mysmtp/api';
import { hour, queues } from '@mysmtp/contracts';
import { joinErasures, readOwnKeys } from '@mysmtp/erasure';
import { openApi, serve } from '@mysmtp/http';
import { openCertificate, startJob, type House } from '@mysmtp/service';
import { connectService, consume } from '@mysmtp/tenancy';
import { readSpool } from './api/read-spool.ts';
import type { IngressConfig } from './config.ts';
import { spoolReleased } from './consumers/spool-released.ts';
import { createNetworks } from './credentials/networks.ts';
import { createPasswords } from './credentials/passwords.ts';
import { createIsInForce } from './credentials/sender.ts';
import { createSenderDomains } from './domains/sender-domains.ts';
import { plantCanary } from './erasure/plant.ts';
import { createPurges } from './erasure/purges.ts';
import { createEvents, exposeReadiness } from './events.ts';
import { createAcceptedEvents } from './intake/accepted-events.ts';
import { createHandOver } from './intake/hand-over.ts';
import { createIntake } from './intake/intake.ts';
import { removeOrphans } from './jobs/remove-orphans.ts';
import { openListeners } from './smtp/listeners.ts';
import { openSpoolCollections } from './spool/collections.ts';
import { createSpool } from './spool/spool.ts';

/** Of the time to stop, this is left for what comes after the sessions. */
const stopReserve = 5_000;

/** Spool releases that this process holds at once. */
const releaseWindow = 20;

/** Everything that ingress is made of, in order; the listeners come last and go first. */
export async function openResources(house: House<IngressConfig>): Promise<void> {
  const { config, name, clock, log, metrics } = house;
  const events = createEvents(log, metrics);
  const certificate = house.own(
    await openCertificate({
      use: 'smtp',
      certFile: config.tlsCertFile,
      keyFile: config.tlsKeyFile,
      log,
      metrics,
    }),
    (open) => open.close(),
  );
  const kept = { SPOOL_RETENTION: config.spoolRetention };
  const connected = await connectService(house, { kept });
  const { database, publisher, tenants, projection } = connected;
  house.readyWhen('rabbitmq', publisher.isReady);
  exposeReadiness(publisher.isReady, metrics);
  house.readyWhen('projection', projection.isWhole);
  const spool = createSpool(await openSpoolCollections(database), clock, tenants);
  const acceptedEvents = house.own(createAcceptedEvents(publisher, tenants, events), (open) =>
    open.close(),
  );

  const intake = createIntake({
    smtpName: config.smtpName,
    clock,
    tenants,
    spool,
    isReady: () => publisher.isReady() && tenants.isCurrent(),
    handOver: createHandOver(publisher, tenants, config.confirmPatience),
    acceptedEvents,
    events,
    log,
  });
  const participant = await joinErasures(house, {
    ...connected,
    purges: { tenant: createPurges(projection, spool) },
    plant: { tenant: plantCanary({ intake, tenants, log }) },
  });
  consume(house, connected.broker, {
    queue: queues.ingressSpool,
    prefetch: releaseWindow,
    handle: participant.throughMarkers(
      queues.ingressSpool,
      spoolReleased({ spool, log, stopping: house.stopping }),
    ),
  });
  house.own(
    startJob(
      'remove-orphans',
      hour,
      removeOrphans({
        spool,
        tenants,
        retention: config.spoolRetention,
        dataTimeout: config.dataTimeout,
        clock,
        log,
        metrics,
      }),
      house,
    ),
    (job) => job.stop(),
  );
  const published = await readOwnKeys(house);
  house.own(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: connected.tls,
      routes: serve(ingressApi)({
        showKeys: async () => ({ status: 200, body: published }),
        readSpool: readSpool(spool),
      }),
      tokens: connected.tokens,
      callers: connected.callers,
      checkReplies: config.checkReplies,
      log,
      metrics,
    }),
    (api) => api.close(),
  );

  const isInForce = createIsInForce(projection, tenants);
  house.own(
    await openListeners(
      {
        limits: config,
        postmaster: config.postmaster ?? `postmaster@${config.smtpName}`,
        passwords: createPasswords(projection, isInForce),
        networks: createNetworks({ projection, isInForce, tenants, log }),
        domains: createSenderDomains(projection),
        isInForce,
        tenants,
        intake,
        events,
        log,
        isStopping: () => house.stopping.aborted,
      },
      config,
      certificate,
    ),
    (open) => open.close(Math.max(config.stopDeadline - stopReserve, config.stopDeadline / 2)),
  );
}
