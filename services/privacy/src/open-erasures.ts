import type { privacyApi } from '@mysmtp/api';
import {
  canaryAddress,
  hour,
  queues,
  registry,
  serviceNames,
  type Fence,
  type SomeCanaries,
} from '@mysmtp/contracts';
import { openErasureParticipant, openReceipts, type Participant } from '@mysmtp/erasure';
import type { Handlers } from '@mysmtp/http';
import type { Projection } from '@mysmtp/projection';
import { startJob, startPacedJob, type ServiceContext } from '@mysmtp/service';
import {
  consume,
  openMembers,
  openTenantsOf,
  type BareScope,
  type Connections,
  type Tenants,
} from '@mysmtp/tenancy';
import type { Model } from 'mongoose';
import { listErasures } from './api/list-erasures.ts';
import { requestErasureHandler } from './api/request-erasure.ts';
import { showErasure } from './api/show-erasure.ts';
import { openCertificateSigner, type CertificateSigner } from './certificates/signer.ts';
import { verifierUrlOf, type PrivacyConfig } from './config.ts';
import { openConsents, type Consents } from './consents/ledger.ts';
import { erasureAnswerHandler } from './consumers/erasure-answer.ts';
import type { DeadLetterDocument } from './dead-letters/dead-letter.ts';
import { plantDeadLetter, deadLetterPurge, personDeadLetterPurge } from './dead-letters/erasure.ts';
import { answersHandler } from './consumers/order-answer.ts';
import type { OperatorFacts } from './documents/operator.ts';
import { openAnswers } from './erasures/answers.ts';
import { standingFences, standingOf, openLedger, type Ledger } from './erasures/ledger.ts';
import { verifiedReceipts } from './erasures/valid-receipts.ts';
import { openHolds, type Holds } from './holds/register.ts';
import { advancePace, erasureAdvance } from './jobs/advance-erasures.ts';
import { erasureExpiry } from './jobs/expire-erasures.ts';
import type { Roots } from './keyring/roots.ts';
import { openPersonRights, type PersonRights } from './open-person-rights.ts';
import type { PersonOf } from './tenants/person-of.ts';
import { openRequests, type Requests } from './requests/ledger.ts';
import { openPolicies, type Policies } from './requests/policy.ts';
import { erasure } from './rights/erasure.ts';
import type { Right } from './rights/right.ts';
import type { Sealing } from './tenants/sealing.ts';
import type { TenantDocument } from './tenants/tenant.ts';
import { openVerifier, type Verifier } from './verifier/verifier.ts';

/** What the erasures provide to the rest of the service. */
export interface Erasures {
  readonly access: Tenants<BareScope>;
  readonly participant: Participant;
  readonly verifier: Verifier;
  readonly consents: Consents;
  readonly personRights: PersonRights;
  readonly erasePerson: Right;
  readonly ledger: Ledger;
  readonly requests: Requests;
  readonly policies: Policies;
  readonly holds: Holds;
  readonly certificates: CertificateSigner;
  readonly handlers: Pick<
    Handlers<typeof privacyApi>,
    'requestErasure' | 'listErasures' | 'showErasure' | 'showKeys' | 'fences' | 'standing'
  >;
}

/** Opens both roles of privacy: it runs erasures, and it takes part in them like every other service. */
export async function openErasures(
  context: ServiceContext<PrivacyConfig>,
  deps: Connections & {
    readonly tenants: Model<TenantDocument>;
    readonly deadLetters: Model<DeadLetterDocument>;
    readonly roots: Roots;
    readonly projection: Projection;
    readonly sealing: Sealing;
    readonly personOf: PersonOf;
    readonly activate: (tenant: string) => Promise<unknown>;
    readonly facts: OperatorFacts;
  },
): Promise<Erasures> {
  const { config, name, clock, log, metrics } = context;
  const { database, broker, publisher, signed } = deps;
  const { tenants, deadLetters, roots, projection, personOf, facts } = deps;
  const certificates = await openCertificateSigner(
    config.certificateKeysFile,
    config.serviceJwksFile,
  );
  const ledger = await openLedger(database);
  const answers = await openAnswers(database, clock);
  const members = context.manage(
    openMembers(deps.control, { services: serviceNames, lease: config.processLease, log }),
    (open) => open.close(),
  );
  const verifier = context.manage(
    openVerifier(registry, (name) => config[verifierUrlOf(name)].reveal()),
    (open) => open.close(),
  );
  const standing = (fence: Fence) => standingOf(ledger, fence);
  const fences = () => standingFences(ledger, clock);
  const access = openTenantsOf(context, deps, { fences, standing });
  const consents = await openConsents(database, { sealing: deps.sealing, access, clock });
  const personRights = await openPersonRights(context, {
    ...deps,
    access,
    consents,
    published: certificates.published,
  });
  const stored = { ...deps, access, clock };
  const requests = await openRequests(database, stored);
  const policies = await openPolicies(database, stored);
  const holds = await openHolds(database, stored);
  async function plantWithLetter(
    { tenant }: { readonly tenant: string },
    person: string,
    planted: SomeCanaries,
  ): Promise<SomeCanaries> {
    const { letter = '' } = planted;
    await requests.plant({ tenant, person, letter });
    await personRights.plant(tenant, person, planted);
    return planted;
  }

  const participant = await openErasureParticipant(context, {
    broker,
    publisher,
    signed,
    standing,
    database,
    purges: {
      tenant: {
        'privacy.identityProjection': async ({ tenant }, count) =>
          count(await projection.forget(tenant)),
        'privacy.deadLetters': deadLetterPurge(deadLetters),
        'privacy.consents': async ({ tenant }, count) => count(await consents.purge(tenant)),
        ...personRights.purges.tenant,
        'privacy.requests': async ({ tenant }, count) => count(await requests.purge(tenant)),
        'privacy.requestPolicies': async ({ tenant }, count) => count(await policies.purge(tenant)),
        'privacy.holds': async ({ tenant }, count) => count(await holds.purge(tenant)),
      },
      person: {
        'privacy.deadLetters': personDeadLetterPurge(deadLetters),
        'privacy.requests': async ({ tenant, person }, count, { letter }) =>
          count(await requests.purgePerson({ tenant, person }, letter)),
        ...personRights.purges.person,
      },
    },
    plant: {
      tenant: async (fence) => {
        for (const store of [consents, policies, holds]) await store.plant(fence.tenant);
        return plantWithLetter(fence, 'canary', await plantDeadLetter(fence, publisher));
      },
      async person(fence) {
        const person = await personOf(fence.tenant, canaryAddress);
        return plantWithLetter(fence, person, await plantDeadLetter(fence, publisher, person));
      },
    },
    orders: personRights.handleOrder,
  });
  consume(context, broker, {
    queue: queues.privacyAnswers,
    prefetch: 20,
    handle: answersHandler(
      personRights.handleAnswer,
      erasureAnswerHandler({
        ledger,
        answers,
        published: certificates.published,
        signed,
        clock,
        log,
        stopping: context.stopping,
      }),
    ),
  });
  const saga = {
    ledger,
    answers,
    verified: verifiedReceipts(),
    tenants,
    personOf,
    roots,
    members,
    verifier,
    publisher,
    signed,
    receipts: await openReceipts(name, config.serviceKeyFile, clock),
    certificates,
    registry,
    facts,
    clock,
    log,
    patience: config.erasurePatience,
    resend: config.erasureResend,
    progressEvery: config.erasureProgress,
  };
  const advancing = startPacedJob(
    'advance-erasures',
    advancePace(config.erasurePace),
    erasureAdvance(saga, metrics),
    context,
  );
  const entered = advancing.wake;
  for (const job of [
    advancing,
    startJob('expire-erasures', hour, erasureExpiry({ ledger, answers, clock, metrics }), context),
  ]) {
    context.manage(job, (started) => started.stop());
  }
  return {
    access,
    participant,
    verifier,
    consents,
    personRights,
    ledger,
    erasePerson: erasure({ ledger, answers, tenants, clock, entered, holdsOf: holds.of }),
    requests,
    policies,
    holds,
    certificates,
    handlers: {
      requestErasure: requestErasureHandler({
        ledger,
        tenants,
        personOf,
        isRestricted: (tenant) => projection.get('tenant', tenant)?.status === 'restricted',
        clock,
        entered,
        log,
      }),
      listErasures: listErasures(ledger),
      showErasure: showErasure({ ledger, answers }),
      // The keys of certificates, and those by which this service accepts receipts.
      showKeys: async () => ({ status: 200, body: certificates.published }),
      fences: async () => ({ status: 200, body: { fences: await fences() } }),
      standing: async ({ body: fence }) => ({ status: 200, body: await standing(fence) }),
    },
  };
}
