import path from 'node:path';
import type { privacyApi } from '@mysmtp/api';
import type { Delivery, Outcome } from '@mysmtp/broker';
import { hour, minute, type PublishedKeySet, type SomeCanaries } from '@mysmtp/contracts';
import type { Handlers } from '@mysmtp/http';
import { openOrders } from '@mysmtp/orders';
import { retentionGauges, startJob, startPacedJob, type ServiceContext } from '@mysmtp/service';
import type { BareScope, Connections, Tenants } from '@mysmtp/tenancy';
import type { PrivacyConfig } from './config.ts';
import type { Consents } from './consents/ledger.ts';
import { orderAnswerHandler } from './consumers/order-answer.ts';
import {
  createExports,
  exportRetention,
  openExportModel,
  type Exports,
} from './exports/exports.ts';
import { advanceOrders, advanceOrdersPace, expireOrders } from './jobs/advance-orders.ts';
import { countingKind, createHolders, type Holders } from './orders/holders.ts';
import { openOrderModels } from './orders/model.ts';
import { createOrders, type Orders } from './orders/orders.ts';
import { personDataPurges, plantPersonData } from './orders/purge.ts';
import { access } from './rights/access.ts';
import { objection } from './rights/objection.ts';
import { restriction } from './rights/restriction.ts';
import type { Right } from './rights/right.ts';
import type { PersonOf } from './tenants/person-of.ts';
import type { Sealing } from './tenants/sealing.ts';
import { openFolderVault } from './vault/folder.ts';

/** Access, objection and restriction, for the ledger of requests and for the erasures. */
export interface PersonRights {
  readonly rights: Readonly<Record<'access' | 'portability' | 'objection' | 'restriction', Right>>;
  readonly orders: Orders;
  readonly holders: Holders;
  /** For a person who has proved to have the mailbox: reads a bundle without an account. */
  readonly exports: Pick<Exports, 'read' | 'until'>;
  /** Removes the bundles whose time is over; a job calls it. */
  expireExports(): Promise<void>;
  readonly handlers: Pick<Handlers<typeof privacyApi>, 'orderStanding'>;
  /** Of the queue of commands: this service has data of persons too. */
  readonly handleOrder: (content: Buffer) => Promise<Outcome>;
  readonly handleAnswer: (delivery: Delivery) => Promise<Outcome>;
  readonly purges: ReturnType<typeof personDataPurges>;
  plant(tenant: string, person: string, planted: SomeCanaries): Promise<void>;
}

export async function openPersonRights(
  context: ServiceContext<PrivacyConfig>,
  deps: Pick<Connections, 'database' | 'publisher' | 'signed'> & {
    readonly access: Tenants<BareScope>;
    readonly sealing: Sealing;
    readonly personOf: PersonOf;
    readonly consents: Pick<Consents, 'list'>;
    readonly published: PublishedKeySet;
  },
): Promise<PersonRights> {
  const { config, clock, log, metrics } = context;
  const { database, publisher, signed } = deps;
  const models = {
    ...(await openOrderModels(database)),
    exports: await openExportModel(database),
  };
  const orders = createOrders({
    ...deps,
    models,
    clock,
    log,
    entered: () => advancing.wake(),
  });
  const exports = createExports({
    model: models.exports,
    // Keys of bundles are no roots: a folder of their own, which the check of the roots does not see.
    vault: await openFolderVault(path.join(config.vaultDir, 'exports')),
    access: deps.access,
    clock,
  });
  const isOpen = async (request: string) => (await orders.find(request))?.completedAt === null;
  const age = retentionGauges({
    store: 'privacy.exports',
    limit: exportRetention + hour,
    clock,
    metrics,
  });
  const expireExports = async () => {
    await exports.expire(isOpen);
    age.update(await exports.oldest());
  };
  const advancing = startPacedJob(
    'advance-orders',
    advanceOrdersPace,
    advanceOrders({ models, orders, log }),
    context,
  );
  for (const job of [
    advancing,
    startJob('expire-exports', 10 * minute, expireExports, context),
    startJob('expire-orders', hour, expireOrders(models, clock), context),
  ]) {
    context.manage(job, (started) => started.stop());
  }
  const right = access({ orders, exports, clock });
  return {
    rights: {
      access: right,
      portability: right,
      objection: objection({ orders }),
      restriction: restriction({ orders }),
    },
    orders,
    holders: createHolders({ orders, personOf: deps.personOf }),
    exports,
    expireExports,
    handlers: {
      orderStanding: async ({ body }) => ({ status: 200, body: await orders.standing(body) }),
    },
    handleOrder: await openOrders(context, {
      signed,
      publisher,
      standing: (asked) => orders.standing(asked),
      stores: {
        gather: {
          async *'privacy.orders'({ tenant, person }) {
            const found = await models.orders
              .find({ tenant, person, kind: { $ne: countingKind } })
              .sort({ givenAt: 1 })
              .lean();
            yield found.map(({ _id: id, kind, givenAt, completedAt }) => ({
              id,
              kind,
              givenAt: givenAt.toISOString(),
              completedAt: completedAt?.toISOString() ?? null,
            }));
          },
          async *'privacy.consents'({ tenant, account: id }) {
            const found = id === undefined ? [] : await deps.consents.list({ tenant, id });
            yield found.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() }));
          },
        },
        mark: {},
      },
    }),
    handleAnswer: orderAnswerHandler({ orders, signed, log, stopping: context.stopping }),
    purges: personDataPurges({ models, exports }),
    plant: (tenant, person, { letter = '' }) =>
      plantPersonData(models, { tenant, person, letter }, clock.now()),
  };
}
