import { privacyApi } from '@mysmtp/api';
import {
  exceedingKeys,
  internalApis,
  minute,
  queues,
  registry as dataRegistry,
  type DayPurpose,
} from '@mysmtp/contracts';
import { openApi, serve } from '@mysmtp/http';
import { takeKey } from '@mysmtp/seal';
import { openSecurityLog } from '@mysmtp/security-log';
import { ConfigError, databaseTime, startJob, type ServiceContext } from '@mysmtp/service';
import { connect, consume, followIdentity, openBearerTokens } from '@mysmtp/tenancy';
import { activateTenantHandler } from './api/activate-tenant.ts';
import { keepAuditHead, listAuditHeads } from './api/audit-heads.ts';
import { listDeadLetters } from './api/list-dead-letters.ts';
import { resolveKeysHandler } from './api/resolve-keys.ts';
import { rotateEpochHandler } from './api/rotate-epoch.ts';
import { settleDeadLetter } from './api/settle-dead-letter.ts';
import { unsubscribeHandlers } from './api/unsubscribe.ts';
import { showKeyring } from './api/show-keyring.ts';
import { openAuditHeadModel } from './audit-heads/heads.ts';
import type { PrivacyConfig } from './config.ts';
import { deadLetterHandler } from './consumers/dead-letter.ts';
import { openDeadLetterModel } from './dead-letters/dead-letter.ts';
import { readOperatorFacts } from './documents/operator.ts';
import { deadLetterExpiry } from './jobs/expire-dead-letters.ts';
import { watchAuditHeads } from './jobs/audit-heads.ts';
import { rotateRoots } from './jobs/rotate-roots.ts';
import { announceDropped } from './keyring/announce.ts';
import { createKeyringMetrics } from './keyring/metrics.ts';
import { openRootModel } from './keyring/root.ts';
import { createRoots } from './keyring/roots.ts';
import { verifyRoots } from './keyring/verify.ts';
import { openErasures } from './open-erasures.ts';
import { openGovernance } from './open-governance.ts';
import { createAccountKeyOf } from './tenants/account-key.ts';
import { activateTenant } from './tenants/activate.ts';
import { resolveKeys } from './tenants/resolve.ts';
import { createPersonOf } from './tenants/person-of.ts';
import { createSealing } from './tenants/sealing.ts';
import { openTenantModel } from './tenants/tenant.ts';
import { openMails } from './mails/outbox.ts';
import { openPersonRequests } from './open-requests.ts';
import { openFolderVault } from './vault/folder.ts';

/** Opens the keyring first, verified before any request; then connections, interfaces and the scheduler. */
export async function openResources(
  context: ServiceContext<PrivacyConfig>,
  timeOfDatabase = databaseTime,
): Promise<void> {
  const { config, name, log, clock, metrics: registry } = context;
  const days = { mail: config.mailKeyDays, events: config.eventsKeyDays };
  const kept = { DEAD_LETTER_RETENTION: config.deadLetterRetention };
  const problems = exceedingKeys(name, kept, days);
  if (problems.length > 0) throw new ConfigError(problems);

  const facts = await readOperatorFacts(config.operatorFile);

  // This service stays ready without the broker: keys must be available nevertheless.
  const connections = await connect(context);
  const { database, publisher, signed } = connections;
  const vault = await openFolderVault(config.vaultDir);
  context.readyWhen('vault', async () => (await vault.list()).length > 0);
  const model = await openRootModel(database);
  const tenants = await openTenantModel(database);
  const deadLetters = await openDeadLetterModel(database);
  const heads = await openAuditHeadModel(database);
  await verifyRoots(model, vault, log);

  const delivery = connections.client('delivery', config.deliveryUrl);
  const metrics = createKeyringMetrics(registry);
  const keyring = {
    roots: createRoots({ model, vault, clock, log }),
    tenants,
    days,
    clock,
    timeOfDatabase: () => timeOfDatabase(database),
    log,
    metrics,
    undelivered: async (day: string) =>
      (await delivery.call(internalApis.undeliveredMail, { day })).count,
    announce: (purpose: DayPurpose, day: string) =>
      announceDropped({ tenant: null, ids: [`${purpose}:${day}`] }, { publisher, signed, log }),
  };
  await keyring.roots.currentEpoch();
  const sealing = createSealing(keyring);
  const personOf = createPersonOf(keyring);

  const securityLog = openSecurityLog(context, {
    publisher,
    async keyOf(tenant, id) {
      const { keys } = await resolveKeys(tenant, [id], keyring);
      const key = keys[id];
      return key && takeKey(key);
    },
  });
  const projection = await followIdentity(context, connections);
  const { roots } = keyring;
  const activate = (tenant: string) => activateTenant(tenant, keyring);
  const erasures = await openErasures(context, {
    ...connections,
    tenants,
    deadLetters,
    roots,
    projection,
    sealing,
    personOf,
    activate,
    facts,
  });
  const mails = await openMails(database, {
    sealing,
    activate,
    ingress: connections.client('ingress', config.ingressUrl),
    from: config.noticesFrom,
    clock,
    log,
  });
  const personRequests = openPersonRequests(context, {
    ...erasures,
    mails,
    sealing,
    tenants,
    identity: connections.client('identity', config.identityUrl),
    securityLog,
    facts,
  });
  const governance = await openGovernance(context, {
    database,
    facts,
    consents: erasures.consents,
    sealing,
    verifier: erasures.verifier,
    activate,
  });
  const { access, participant } = erasures;
  const expireDeadLetters = deadLetterExpiry({
    deadLetters,
    retention: config.deadLetterRetention,
    clock,
    log,
    metrics: registry,
  });
  for (const job of [
    startJob('rotate-roots', minute, () => rotateRoots(keyring), context),
    startJob(
      'watch-audit-heads',
      minute,
      watchAuditHeads({ heads, clock, metrics: registry }),
      context,
    ),
    startJob('expire-dead-letters', 10 * minute, expireDeadLetters, context),
  ]) {
    context.manage(job, (started) => started.stop());
  }
  consume(context, connections.broker, {
    queue: queues.deadLetters,
    prefetch: 20,
    handle: participant.withQueueMarkers(
      queues.deadLetters,
      deadLetterHandler({
        deadLetters,
        access,
        participant,
        clock,
        log,
        metrics: registry,
        stopping: context.stopping,
      }),
    ),
  });
  const { tokens } = openBearerTokens(context, connections, {
    projection,
    isFenced: (tenant) => access.fencedBy(tenant) !== undefined,
  });
  context.manage(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: connections.tls,
      routes: serve(privacyApi)({
        ...erasures.handlers,
        ...governance,
        ...erasures.personRights.handlers,
        ...unsubscribeHandlers({
          orders: erasures.personRights.orders,
          requests: erasures.requests,
          accountKeyOf: createAccountKeyOf(keyring),
        }),
        ...personRequests,
        resolveKeys: resolveKeysHandler(signed, keyring),
        activateTenant: activateTenantHandler(keyring),
        keepAuditHead: keepAuditHead({ heads, signed, securityLog, log, metrics: registry }),
        listAuditHeads: listAuditHeads(heads),
        keyDays: async () => ({ status: 200, body: days }),
        showKeyring: showKeyring(keyring),
        rotateEpoch: rotateEpochHandler(keyring),
        listDeadLetters: listDeadLetters(deadLetters),
        settleDeadLetter: settleDeadLetter({ deadLetters, publisher, log }),
        // Public (GDPR Art. 13, 30).
        showRegistry: async () => ({ status: 200, body: dataRegistry }),
      }),
      tokens,
      clock,
      callers: connections.callers,
      securityLog,
      checkReplies: config.checkReplies,
      log,
      metrics: registry,
    }),
    (api) => api.close(),
  );
}
