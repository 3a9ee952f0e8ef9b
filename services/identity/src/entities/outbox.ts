import { setTimeout as sleep } from 'node:timers/promises';
import type { Publisher } from '@mysmtp/broker';
import { routingKeys } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import { changeOf, type AnyEntity, type Versioned } from './entity.ts';

/** How a change reaches the other services: told at once by its writer, else by the next sweep. */
export interface Outbox {
  /**
   * Tells one change and waits for it, but not long: when the broker is slow or away the mark in
   * the document stays and a sweep tells it later. Never throws.
   */
  tell(entity: AnyEntity, document: Versioned): Promise<void>;
  /** Tells everything that still waits, of whichever process, and says what is left. */
  sweep(): Promise<OutboxState>;
  /** Tells of all that is gone; false where some of it could not be told. */
  tellTombstones(entity: AnyEntity): Promise<boolean>;
}

export interface OutboxState {
  readonly waiting: number;
  /** Milliseconds since the epoch; `undefined` where nothing waits. */
  readonly oldest: number | undefined;
}

const patience = 1_000;
const batchSize = 500;
const waiting = { pendingSince: { $gt: 0 } } as const;

export function createOutbox(options: {
  readonly entities: readonly AnyEntity[];
  readonly publisher: Publisher;
  readonly signed: Signed;
  readonly access: Pick<Tenants, 'run'>;
  readonly log: Logger;
}): Outbox {
  const { entities, publisher, signed, access, log } = options;

  /**
   * Of a fenced tenant nobody is told but the tombstones: the others have erased the rest, or are about
   * to.
   */
  function publish(entity: AnyEntity, document: Versioned): Promise<void> {
    const tenant = document.gone === true ? null : entity.tenantOf(document);
    const publishing = () => publishNow(entity, document);
    return tenant === null ? publishing() : access.run(tenant, 'write', publishing);
  }

  /**
   * The mark is taken away only once the broker has confirmed, and only from the version that was
   * told: a crash in between tells it twice, which the version makes harmless.
   */
  async function publishNow(entity: AnyEntity, document: Versioned): Promise<void> {
    await publisher.publish({
      key: routingKeys.identityChanged(entity.name),
      content: await signed.sign('identityChange', changeOf(entity, document)),
    });
    await entity.collection.updateOne(
      { _id: document._id, version: document.version },
      { $unset: { pendingSince: true } },
    );
  }

  /** Tells what waits and fits `which`, as long as all of it can be told; says whether it could. */
  async function tellAll(entity: AnyEntity, which: mongo.Filter<Versioned>): Promise<boolean> {
    for (;;) {
      const documents = await entity.collection
        .find(which)
        .sort({ pendingSince: 1 })
        .limit(batchSize)
        .toArray();
      if (documents.length === 0) return true;
      const told = await Promise.allSettled(documents.map((document) => publish(entity, document)));
      if (told.some((result) => result.status === 'rejected')) return false;
    }
  }

  async function sweepOne(entity: AnyEntity): Promise<OutboxState> {
    if (await tellAll(entity, waiting)) return { waiting: 0, oldest: undefined };
    const [count, first] = await Promise.all([
      entity.collection.countDocuments(waiting),
      entity.collection.findOne(waiting, { sort: { pendingSince: 1 } }),
    ]);
    return { waiting: count, oldest: first?.pendingSince };
  }

  return {
    async tell(entity, document) {
      const telling = publish(entity, document).catch((error: unknown) =>
        log.warn('outbox.not_told', { error, reason: entity.name }),
      );
      await Promise.race([telling, sleep(patience, undefined, { ref: false })]);
    },
    tellTombstones: (entity) => tellAll(entity, { ...waiting, gone: true }),
    async sweep() {
      const states = await Promise.all(entities.map(sweepOne));
      const oldest = states.flatMap((state) => state.oldest ?? []);
      return {
        waiting: states.reduce((sum, state) => sum + state.waiting, 0),
        oldest: oldest.length === 0 ? undefined : Math.min(...oldest),
      };
    },
  };
}
