import { ingressApi } from '@mysmtp/api';
import { openAuthThrottle } from '@mysmtp/auth-throttle';
import {
  broadcasts,
  CredentialOutcomes,
  RowsPublished,
  day,
  hour,
  internalApis,
  queues,
  readContent,
} from '@mysmtp/contracts';
import { openErasureParticipant, readOwnKeys } from '@mysmtp/erasure';
import { openApi, serve } from '@mysmtp/http';
import { openOrders } from '@mysmtp/orders';
import { openCertificate, startJob, type ServiceContext } from '@mysmtp/service';
import { openSecurityLog } from '@mysmtp/security-log';
import { connectService, consume, keysOf } from '@mysmtp/tenancy';
import { readSpool } from './api/read-spool.ts';
import { showUsage } from './api/show-usage.ts';
import { submitNotice } from './api/submit-notice.ts';
import type { IngressConfig } from './config.ts';
import { spoolReleased } from './consumers/spool-released.ts';
import { createCredentialLimits } from './credentials/limits.ts';
import { createNetworks } from './credentials/networks.ts';
import { createPasswords } from './credentials/passwords.ts';
import { createAuthorization, createStoppedReply, type Sender } from './credentials/sender.ts';
import { createSenderDomains } from './domains/sender-domains.ts';
import { plantCanaries } from './erasure/plant.ts';
import { createPurges } from './erasure/purges.ts';
import { createTelemetry, exposeProcesses, exposeReadiness } from './telemetry.ts';
import { createAcceptedEvents } from './intake/accepted-events.ts';
import { createMessagePublisher } from './intake/publish-message.ts';
import { createIntake } from './intake/intake.ts';
import { removeOrphans } from './jobs/remove-orphans.ts';
import { removeRecipientSketches } from './jobs/remove-recipient-sketches.ts';
import type { Unusual } from './quotas/account.ts';
import { createQuotas } from './quotas/quotas.ts';
import { createUsageStore, openUsageCollection } from './quotas/usage-store.ts';
import { createRecipientStore, openRecipientCollection } from './recipients/recipient-store.ts';
import { createRecipients } from './recipients/recipients.ts';
import { createAuthReports } from './smtp/auth-reports.ts';
import { openListeners } from './smtp/listeners.ts';
import { openSpoolCollections } from './spool/collections.ts';
import { createSpool } from './spool/spool.ts';

/** Part of the stop deadline that is reserved for the steps after the sessions. */
const stopReserve = 5_000;

/** Spool releases that this process has in flight at once. */
const releaseWindow = 20;

/** How often this process stores what it has accepted, and reads what the others have. */
const accountPeriod = 1_000;

/** Longer than a month: until then a count can be needed. */
const usageRetention = 32 * day;

type SentBy = Pick<Sender, 'tenant' | 'credential'>;

/** Opens the parts of ingress in order. The listeners are opened last and closed first. */
export async function openResources(context: ServiceContext<IngressConfig>): Promise<void> {
  const { config, name, clock, log, metrics } = context;
  const telemetry = createTelemetry(log, metrics);
  const certificate = context.manage(
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
  const connected = await connectService(context, { kept });
  const { database, publisher, tenants, projection } = connected;
  const authThrottle = openAuthThrottle(context, connected);
  const securityLog = openSecurityLog(context, { ...connected, keyOf: keysOf(connected.tenants) });
  context.readyWhen('rabbitmq', publisher.isReady);
  exposeReadiness(publisher.isReady, metrics);
  context.readyWhen('projection', projection.isReady);
  const spool = createSpool(await openSpoolCollections(database), clock, tenants);
  const acceptedEvents = context.manage(
    createAcceptedEvents(publisher, tenants, telemetry),
    (open) => open.close(),
  );
  context.manage(
    connected.control.subscribe({
      bindings: broadcasts.rowsPublished,
      handle({ content }) {
        const published = readContent(RowsPublished, content);
        if (published === undefined) log.error('events.unreadable_rows');
        else acceptedEvents.replaced(published.rows);
      },
    }),
    (end) => end(),
  );

  const recipientStore = createRecipientStore(await openRecipientCollection(database));
  const recipients = createRecipients({
    store: recipientStore,
    tenants,
    clock,
    unusual: (what, day) => quotas.throttle(what, day, 'recipients'),
  });
  const intake = createIntake({
    smtpName: config.smtpName,
    unsubscribeUrl: config.unsubscribeUrl,
    clock,
    tenants,
    spool,
    isReady: () => publisher.isReady() && tenants.isCurrent(),
    publishMessage: createMessagePublisher(
      publisher,
      tenants,
      config.confirmPatience,
      config.mailBatchLimit,
    ),
    acceptedEvents,
    recipients,
    telemetry,
    log,
  });
  const reportSending = ({ tenant, credential }: SentBy, reason: 'bounces' | Unusual) => {
    const actor = { kind: 'credential', id: credential } as const;
    securityLog.note({ type: 'sending', tenant, actor, outcome: 'refused', reason });
  };
  const usage = createUsageStore(await openUsageCollection(database), clock);
  const identity = connected.client('identity', config.identityUrl);
  const quotas = createQuotas({
    store: usage,
    projection,
    tenants,
    processes: connected.processes,
    clock,
    unusual(what, unusual) {
      telemetry.sendingUnusual(what, unusual);
      reportSending(what, unusual);
    },
    reporting: {
      async report(what) {
        await identity.call(internalApis.reportQuota, what);
      },
      reported(what) {
        telemetry.quotaReported(what);
        if (what.about === 'bounces') reportSending(what, 'bounces');
      },
      notReported: telemetry.quotaNotReported,
    },
  });
  context.manage(
    connected.control.subscribe({
      bindings: broadcasts.credentialOutcomes,
      handle({ content }) {
        const told = readContent(CredentialOutcomes, content);
        if (told === undefined) log.error('quota.unreadable_outcomes');
        else quotas.outcomes(told.outcomes);
      },
    }),
    (end) => end(),
  );
  exposeProcesses(quotas.processes, metrics);
  await quotas.load();
  context.manage(startJob('account-usage', accountPeriod, quotas.sync, context), async (job) => {
    await job.stop();
    await quotas.sync().catch((error: unknown) => log.warn('quota.not_accounted', { error }));
    await quotas.reported();
  });
  context.manage(
    startJob('recipient-sketches', accountPeriod, recipients.sync, context),
    async (job) => {
      await job.stop();
      await recipients
        .sync()
        .catch((error: unknown) => log.warn('recipients.not_written', { error }));
    },
  );
  context.manage(
    startJob(
      'remove-recipient-sketches',
      hour,
      removeRecipientSketches({ recipientStore, ...context }),
      context,
    ),
    (job) => job.stop(),
  );
  const removeUnused = async () => {
    await usage.removeUnused(clock.now() - usageRetention);
  };
  context.manage(startJob('remove-unused-usage', hour, removeUnused, context), (job) => job.stop());
  const participant = await openErasureParticipant(context, {
    ...connected,
    // The spooled content of a person's mail is released by delivery.
    purges: { tenant: createPurges(projection, spool, usage, recipientStore), person: {} },
    plant: plantCanaries({ intake, quotas, recipients, tenants, log }),
    orders: await openOrders(context, {
      ...connected,
      standing: (asked) => connected.privacy.call(internalApis.orderStanding, asked),
      // Spooled content is found by the message in delivery that names it.
      stores: { gather: {}, mark: {} },
    }),
  });
  consume(context, connected.broker, {
    queue: queues.ingressSpool,
    prefetch: releaseWindow,
    handle: participant.withQueueMarkers(
      queues.ingressSpool,
      spoolReleased({ spool, log, stopping: context.stopping }),
    ),
  });
  context.manage(
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
      context,
    ),
    (job) => job.stop(),
  );
  const published = await readOwnKeys(context);
  context.manage(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: connected.tls,
      routes: serve(ingressApi)({
        showKeys: async () => ({ status: 200, body: published }),
        readSpool: readSpool(spool),
        showUsage: showUsage(quotas),
        submitNotice: submitNotice({ intake, tenants, log }),
      }),
      tokens: connected.tokens,
      accounts: connected.accounts,
      callers: connected.callers,
      authFailures: authThrottle,
      securityLog,
      checkReplies: config.checkReplies,
      clock,
      log,
      metrics,
    }),
    (api) => api.close(),
  );

  const authorization = createAuthorization({ projection, tenants, clock });
  const { isAuthorized } = authorization;
  const stoppedReply = createStoppedReply(projection);
  context.manage(
    await openListeners(
      {
        limits: config,
        postmaster: config.postmaster ?? `postmaster@${config.smtpName}`,
        passwords: createPasswords(projection, isAuthorized, stoppedReply, clock),
        networks: createNetworks({ projection, isAuthorized, tenants, log }),
        domains: createSenderDomains(projection),
        authorization,
        stoppedReply,
        credentialLimits: createCredentialLimits({ projection, tenants }),
        uses: connected.uses,
        authThrottle,
        authReports: createAuthReports(securityLog),
        tenants,
        quotas,
        intake,
        telemetry,
        log,
        isStopping: () => context.stopping.aborted,
      },
      config,
      certificate,
    ),
    (open) => open.close(Math.max(config.stopDeadline - stopReserve, config.stopDeadline / 2)),
  );
}
