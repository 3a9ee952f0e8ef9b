import { createNoticeFinding, type NoticeFinding } from './accounts/notice-finding.ts';
import { Resolver } from 'node:dns/promises';
import { openAuthThrottle, type AuthThrottle } from '@mysmtp/auth-throttle';
import { internalApis, operatorRealm, type Use } from '@mysmtp/contracts';
import { createGuardedFetch } from '@mysmtp/http';
import type { ServiceContext } from '@mysmtp/service';
import { createAccesses, type Accesses } from './accesses/accesses.ts';
import { openAccessCollections, type AccessCollections } from './accesses/model.ts';
import { openAccounts, type Accounts } from './accounts/accounts.ts';
import type { IdentityConfig } from './config.ts';
import { createCredentials, type Credentials } from './credentials/credentials.ts';
import { openCredentials } from './credentials/model.ts';
import { createDomains, type Domains } from './domains/domains.ts';
import { openDomainChecks, type DomainCheckCollection } from './domains/check-model.ts';
import { createCheckSchedule } from './domains/check-schedule.ts';
import { createDomainDocuments } from './domains/documents.ts';
import { openDomains } from './domains/model.ts';
import { createDomainVerification, type DomainVerification } from './domains/verification.ts';
import { createDomainChecks, type DomainChecks } from './domain-checks/checks.ts';
import { anyEntity, type AnyEntity } from './entities/entity.ts';
import { createReader, type Reader } from './entities/reader.ts';
import { recordUses } from './entities/record-uses.ts';
import { createWriter, type Writer } from './entities/writer.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';
import { createEncryptedFields } from './encrypted-fields/encrypted-fields.ts';
import type { IdentityConnections } from './connections.ts';
import { createOutbox, type Outbox } from './entities/outbox.ts';
import { openSuspensions } from './suspensions/model.ts';
import { createSuspensions, type Suspensions } from './suspensions/suspensions.ts';
import { openNotices } from './notices/model.ts';
import { createNotices, type Notices } from './notices/notices.ts';
import { noticeThrottled } from './accounts/notice-throttled.ts';
import {
  createNoticeAnnouncement,
  type NoticeAnnouncement,
} from './accounts/notice-announcement.ts';
import { createNoticeOwners, type NoticeOwners } from './accounts/notice-owners.ts';
import { createNoticeQuota, type NoticeQuota } from './accounts/notice-quotas.ts';
import { openTenants } from './tenants/model.ts';
import { createTenants, TenantErasedError, type Tenants } from './tenants/tenants.ts';
import { openTokens } from './tokens/model.ts';
import { createTokens, type Tokens } from './tokens/tokens.ts';

/** The stores of identity, for its entry points: the API, the jobs and the bootstrap command. */
export interface Stores {
  readonly tenants: Tenants;
  readonly domains: Domains;
  readonly domainVerification: DomainVerification;
  readonly domainChecks: DomainChecks;
  readonly checkCollection: DomainCheckCollection;
  readonly credentials: Credentials;
  readonly tokens: Tokens;
  readonly suspensions: Suspensions;
  readonly accesses: Accesses;
  readonly accessCollections: AccessCollections;
  readonly accounts: Accounts;
  readonly entities: readonly AnyEntity[];
  readonly reader: Reader;
  readonly writer: Writer;
  readonly outbox: Outbox;
  readonly notices: Notices;
  readonly noticeOwners: NoticeOwners;
  readonly noticeFinding: NoticeFinding;
  readonly authThrottle: AuthThrottle;
  readonly noticeQuota: NoticeQuota;
  readonly noticeAnnouncement: NoticeAnnouncement;
  readonly telemetry: Telemetry;
  /** Writes when keys and credentials were last used. */
  recordUses(uses: readonly Use[]): Promise<void>;
  /** Has privacy make the keys of the operators' realm. */
  readonly activateOperatorRealm: () => Promise<void>;
}

export async function openStores(
  context: ServiceContext<IdentityConfig>,
  connections: IdentityConnections,
): Promise<Stores> {
  const { config, clock, log, metrics, stopping } = context;
  const { database, publisher, signed, privacy, client, tenants: access } = connections;
  const tenantEntity = await openTenants(database);
  const domainEntity = await openDomains(database);
  const checkCollection = await openDomainChecks(database);
  const credentialEntity = await openCredentials(database);
  const tokenEntity = await openTokens(database);
  // The order of a snapshot: a tenant before its entities.
  const entities = [
    anyEntity(tenantEntity),
    anyEntity(domainEntity),
    anyEntity(credentialEntity),
    anyEntity(tokenEntity),
  ];

  const outbox = createOutbox({ entities, publisher, signed, access, log });
  const telemetry = createTelemetry(log, metrics);
  const reader = createReader(access);
  const writer = createWriter({ clock, outbox, access });
  const shared = {
    reader,
    writer,
    access,
    fields: createEncryptedFields(access),
    clock,
    telemetry,
  };
  const schedule = createCheckSchedule({ collection: checkCollection, clock });
  const documents = createDomainDocuments({ ...shared, entity: domainEntity });
  const ofDomains = { ...shared, documents, schedule, entity: domainEntity };
  const domains = createDomains(ofDomains);
  const domainVerification = createDomainVerification(ofDomains);
  const dns = new Resolver({ timeout: 3_000, tries: 2 });
  if (config.dnsServers !== undefined) dns.setServers(config.dnsServers);
  stopping.addEventListener('abort', () => dns.cancel());
  const domainChecks = createDomainChecks({
    ...shared,
    domains: domainVerification,
    schedule,
    dns,
    ours: { spf: config.spfInclude, returnPathDomain: config.returnPathDomain },
    stopping,
    pause: config.domainCheckPause,
    onBroken(tenant, domain, records) {
      noticeBroken(tenant, domain, records).catch((error: unknown) =>
        log.error('notice.not_kept', { tenant, domain, error }),
      );
    },
  });
  const credentials = createCredentials({ ...shared, entity: credentialEntity });
  async function noticeBroken(
    tenant: string,
    domain: string,
    records: readonly string[],
  ): Promise<void> {
    const found = await domainVerification.facts(domain);
    if (found === undefined) return;
    for (const record of records)
      await noticeOwners(tenant, 'domain-broken', { domain: found.name, record });
  }
  async function activate(tenant: string): Promise<void> {
    const { state } = await privacy.call(internalApis.activateTenant, { tenant });
    if (state !== 'active') throw new TenantErasedError();
  }
  const tokens = createTokens({
    ...shared,
    entity: tokenEntity,
    tenants: anyEntity(tenantEntity),
    activate,
  });
  const tenants = createTenants({
    ...shared,
    entity: tenantEntity,
    domains,
    credentials,
    tokens,
    activate,
  });
  const suspensions = createSuspensions({
    ...shared,
    collection: await openSuspensions(database),
    tenants: tenantEntity,
    credentials: credentialEntity,
  });
  const accessCollections = await openAccessCollections(database);
  const accesses = createAccesses({ ...shared, collections: accessCollections });
  const notices = createNotices({
    ...shared,
    collection: await openNotices(database),
    ingress: client('ingress', config.ingressUrl),
    from: config.noticesFrom,
    activate,
  });
  const authThrottle = openAuthThrottle(context, {
    ...connections,
    onThrottled(credential) {
      tellOwner(credential).catch((error: unknown) =>
        log.error('notice.not_kept', { credential, error }),
      );
    },
  });
  const guarded = context.manage(
    createGuardedFetch({ allowPrivate: config.privateProviders }),
    (open) => open.close(),
  );
  const accounts = await openAccounts({
    ...shared,
    database,
    notices,
    tenants,
    domains,
    tokens,
    activate,
    authThrottle,
    guardedFetch: guarded.fetch,
    privateProviders: config.privateProviders,
    consoleUrl: config.consoleUrl,
    signUpsPerNetwork: config.signUpsPerNetwork,
    log,
    metrics,
  });
  const noticeOwners = createNoticeOwners({ tenants, people: accounts.people, notices });
  const tellOwner = noticeThrottled({ credentials, noticeOwners });
  return {
    tenants,
    domains,
    domainVerification,
    domainChecks,
    checkCollection,
    credentials,
    tokens,
    suspensions,
    accesses,
    accessCollections,
    accounts,
    entities,
    reader,
    writer,
    outbox,
    notices,
    noticeOwners,
    authThrottle,
    noticeQuota: createNoticeQuota({
      tenants: anyEntity(tenantEntity),
      credentials: anyEntity(credentialEntity),
      nameOf: credentials.nameOf,
      access,
      noticeOwners,
    }),
    noticeFinding: createNoticeFinding({
      tenants: tenantEntity,
      access,
      noticeOwners,
      clock,
      telemetry,
    }),
    noticeAnnouncement: createNoticeAnnouncement({
      tenants: tenantEntity,
      access,
      noticeOwners,
    }),
    telemetry,
    recordUses: (uses) =>
      recordUses(uses, {
        entities: [anyEntity(tokenEntity), anyEntity(credentialEntity)],
        access,
        clock,
      }),
    activateOperatorRealm: () => activate(operatorRealm),
  };
}
