import type { privacyApi } from '@mysmtp/api';
import { openConsumer, type BrokerSettings, type Publisher } from '@mysmtp/broker';
import { queues, registry, type Fence } from '@mysmtp/contracts';
import { joinErasures, openGate, openReceipts, type Gate, type Participant } from '@mysmtp/erasure';
import type { Handlers } from '@mysmtp/http';
import type { Projection } from '@mysmtp/projection';
import { showQueue, startJob, type House } from '@mysmtp/service';
import type { Signed } from '@mysmtp/signed';
import type { Connection, Model } from 'mongoose';
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
import { openRoll } from './erasures/roll.ts';
import { advancePeriod, erasureAdvance } from './jobs/advance-erasures.ts';
import { erasureExpiry } from './jobs/expire-erasures.ts';
import type { Roots } from './keyring/roots.ts';
import type { TenantDocument } from './tenants/tenant.ts';
import { openVerifier } from './verifier/verifier.ts';

const hour = 3_600_000;

/** What erasures are made of here. */
export interface Erasures {
  readonly gate: Gate;
  readonly participant: Participant;
  readonly handlers: Pick<
    Handlers<typeof privacyApi>,
    'requestErasure' | 'listErasures' | 'showErasure' | 'showKeys' | 'fences' | 'standing'
  >;
}

/** Opens privacy's two parts in erasures: it runs them, and it takes part like every other service. */
export async function openErasures(
  house: House<PrivacyConfig>,
  means: {
    readonly connection: Connection;
    readonly broker: BrokerSettings;
    readonly publisher: Publisher;
    readonly signed: Signed;
    readonly tenants: Model<TenantDocument>;
    readonly deadLetters: Model<DeadLetterDocument>;
    readonly roots: Roots;
    readonly projection: Projection;
  },
): Promise<Erasures> {
  const { config, name, clock, log, metrics } = house;
  const { connection, broker, publisher, signed, tenants, deadLetters, roots, projection } = means;
  const certificates = await openCertificateSigner(
    config.certificateKeysFile,
    config.serviceJwksFile,
  );
  const ledger = await openLedger(connection);
  const answers = await openAnswers(connection, clock);
  const roll = house.own(await openRoll(broker, config.processLease, log), (open) => open.close());
  const verifier = house.own(
    openVerifier(registry, (name) => config[verifierUrlOf(name)].reveal()),
    (open) => open.close(),
  );
  const standing = (fence: Fence) => standingOf(ledger, fence);
  const gate = house.own(
    await openGate({
      broker,
      publisher,
      signed,
      fences: () => standingFences(ledger, clock),
      standing,
      lease: config.processLease,
      log,
      metrics,
    }),
    (open) => open.stop(),
  );
  const participant = await joinErasures(house, {
    broker,
    publisher,
    signed,
    standing,
    database: connection,
    purges: {
      'privacy.projection': async ({ tenant }, count) => count(await projection.forget(tenant)),
      'privacy.deadLetters': deadLetterPurge(deadLetters),
    },
    plant: (fence) => plantDeadLetter(fence, publisher),
  });
  const consumer = house.own(
    await openConsumer({
      ...broker,
      queue: queues.privacyAnswers,
      prefetch: 20,
      handle: erasureAnswerHandler({
        ledger,
        answers,
        published: certificates.published,
        signed,
        clock,
        log,
      }),
    }),
    (open) => open.close(),
  );
  showQueue(house, queues.privacyAnswers, consumer);
  const saga = {
    ledger,
    answers,
    tenants,
    roots,
    roll,
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
    gate,
    participant,
    handlers: {
      requestErasure: requestErasureHandler({ ledger, tenants, clock, log }),
      listErasures: listErasures(ledger),
      showErasure: showErasure({ ledger, answers }),
      // Those of certificates, and those that this service takes receipts by.
      showKeys: async () => ({ status: 200, body: certificates.published }),
      fences: async () => ({ status: 200, body: { fences: await standingFences(ledger, clock) } }),
      standing: async ({ body: fence }) => ({ status: 200, body: await standing(fence) }),
    },
  };
}
