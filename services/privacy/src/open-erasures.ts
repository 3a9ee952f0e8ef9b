import type { privacyApi } from '@mysmtp/api';
import { hour, queues, registry, serviceNames, type Fence } from '@mysmtp/contracts';
import { joinErasures, openReceipts, type Participant } from '@mysmtp/erasure';
import type { Handlers } from '@mysmtp/http';
import type { Projection } from '@mysmtp/projection';
import { startJob, type House } from '@mysmtp/service';
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
import { openCertificateSigner } from './certificates/signer.ts';
import { verifierUrlOf, type PrivacyConfig } from './config.ts';
import { erasureAnswerHandler } from './consumers/erasure-answer.ts';
import type { DeadLetterDocument } from './dead-letters/dead-letter.ts';
import { plantDeadLetter } from './dead-letters/plant-canary.ts';
import { deadLetterPurge } from './dead-letters/purge.ts';
import { openAnswers } from './erasures/answers.ts';
import { standingFences, standingOf } from './erasures/fences.ts';
import { openLedger } from './erasures/ledger.ts';
import { advancePeriod, erasureAdvance } from './jobs/advance-erasures.ts';
import { erasureExpiry } from './jobs/expire-erasures.ts';
import type { Roots } from './keyring/roots.ts';
import type { TenantDocument } from './tenants/tenant.ts';
import { openVerifier } from './verifier/verifier.ts';

/** What erasures are made of here. */
export interface Erasures {
  readonly access: Tenants<BareScope>;
  readonly participant: Participant;
  readonly handlers: Pick<
    Handlers<typeof privacyApi>,
    'requestErasure' | 'listErasures' | 'showErasure' | 'showKeys' | 'fences' | 'standing'
  >;
}

/** Opens privacy's two parts in erasures: it runs them, and it takes part like every other service. */
export async function openErasures(
  house: House<PrivacyConfig>,
  means: Connections & {
    readonly tenants: Model<TenantDocument>;
    readonly deadLetters: Model<DeadLetterDocument>;
    readonly roots: Roots;
    readonly projection: Projection;
  },
): Promise<Erasures> {
  const { config, name, clock, log, metrics } = house;
  const { database, broker, publisher, signed } = means;
  const { tenants, deadLetters, roots, projection } = means;
  const certificates = await openCertificateSigner(
    config.certificateKeysFile,
    config.serviceJwksFile,
  );
  const ledger = await openLedger(database);
  const answers = await openAnswers(database, clock);
  const members = house.own(
    openMembers(means.control, { services: serviceNames, lease: config.processLease, log }),
    (open) => open.close(),
  );
  const verifier = house.own(
    openVerifier(registry, (name) => config[verifierUrlOf(name)].reveal()),
    (open) => open.close(),
  );
  const standing = (fence: Fence) => standingOf(ledger, fence);
  const fences = () => standingFences(ledger, clock);
  const access = openTenantsOf(house, means, { fences, standing });
  const participant = await joinErasures(house, {
    broker,
    publisher,
    signed,
    standing,
    database,
    purges: {
      tenant: {
        'privacy.projection': async ({ tenant }, count) => count(await projection.forget(tenant)),
        'privacy.deadLetters': deadLetterPurge(deadLetters),
      },
    },
    plant: { tenant: (fence) => plantDeadLetter(fence, publisher) },
  });
  consume(house, broker, {
    queue: queues.privacyAnswers,
    prefetch: 20,
    handle: erasureAnswerHandler({
      ledger,
      answers,
      published: certificates.published,
      signed,
      clock,
      log,
      stopping: house.stopping,
    }),
  });
  const saga = {
    ledger,
    answers,
    tenants,
    roots,
    members,
    verifier,
    publisher,
    signed,
    receipts: await openReceipts(name, config.serviceKeyFile, clock),
    certificates,
    registry,
    clock,
    log,
    patience: config.erasurePatience,
    resend: config.erasureResend,
    progressEvery: config.erasureProgress,
  };
  for (const job of [
    startJob('advance-erasures', advancePeriod, erasureAdvance(saga, metrics), house),
    startJob('expire-erasures', hour, erasureExpiry({ ledger, answers, clock, metrics }), house),
  ]) {
    house.own(job, (started) => started.stop());
  }
  return {
    access,
    participant,
    handlers: {
      requestErasure: requestErasureHandler({ ledger, tenants, clock, log }),
      listErasures: listErasures(ledger),
      showErasure: showErasure({ ledger, answers }),
      // Those of certificates, and those that this service takes receipts by.
      showKeys: async () => ({ status: 200, body: certificates.published }),
      fences: async () => ({ status: 200, body: { fences: await fences() } }),
      standing: async ({ body: fence }) => ({ status: 200, body: await standing(fence) }),
    },
  };
}
