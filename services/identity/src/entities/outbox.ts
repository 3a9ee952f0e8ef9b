import { setTimeout as sleep } from 'node:timers/promises';
import type { Publisher } from '@mysmtp/broker';
import { routingKeys } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import { changeOf, type AnyEntity, type Versioned } from './entity.ts';

/** Publishes changes to the other services: at once by the writer, otherwise by the next sweep. */
export interface Outbox {
  /**
   * Publishes one change and waits a short time for the confirm. If the broker is slow or away, the mark
   * in the document stays and a sweep publishes the change later. Never throws.
   */
  publish(entity: AnyEntity, document: Versioned): Promise<void>;
  /** Publishes all pending changes, of all processes, and returns what is left. */
  sweep(): Promise<OutboxState>;
  /** Publishes all pending tombstones. False if some could not be published. */
  publishTombstones(entity: AnyEntity): Promise<boolean>;
  /** Calls `listener` for each change that this process could not publish. */
  onFailed(listener: () => void): void;
}

export interface OutboxState {
  readonly waiting: number;
  /** Milliseconds since the epoch; `undefined` if nothing is pending. */
  readonly oldest: number | undefined;
}

const patience = 1_000;
const batchSize = 500;
const waiting = { pendingSince: { $gt: 0 } } as const;

export function createOutbox(deps: {
  readonly entities: readonly AnyEntity[];
  readonly publisher: Publisher;
  readonly signed: Signed;
  readonly access: Pick<Tenants, 'run'>;
  readonly log: Logger;
}): Outbox {
  const { entities, publisher, signed, access, log } = deps;
  const listeners: (() => void)[] = [];

  /** For a fenced tenant only tombstones are published: the other services erase the rest. */
  function publish(entity: AnyEntity, document: Versioned): Promise<void> {
    const tenant = document.deleted === true ? null : entity.tenantOf(document);
    const publishing = () => publishNow(entity, document);
    return tenant === null ? publishing() : access.run(tenant, 'write', publishing);
  }

  /**
   * Removes the mark only after the broker's confirm, and only from the published version. After a crash
   * in between the change is published twice, which is harmless because of its version.
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

  /** Publishes pending changes that match `which` until one fails. Returns whether all were published. */
  async function publishAll(entity: AnyEntity, which: mongo.Filter<Versioned>): Promise<boolean> {
    for (;;) {
      const documents = await entity.collection
        .find(which)
        .sort({ pendingSince: 1 })
        .limit(batchSize)
        .toArray();
      if (documents.length === 0) return true;
      const results = await Promise.allSettled(
        documents.map((document) => publish(entity, document)),
      );
      if (results.some((result) => result.status === 'rejected')) return false;
    }
  }

  async function sweepOne(entity: AnyEntity): Promise<OutboxState> {
    if (await publishAll(entity, waiting)) return { waiting: 0, oldest: undefined };
    const [count, first] = await Promise.all([
      entity.collection.countDocuments(waiting),
      entity.collection.findOne(waiting, { sort: { pendingSince: 1 } }),
    ]);
    return { waiting: count, oldest: first?.pendingSince };
  }

  return {
    async publish(entity, document) {
      const publishing = publish(entity, document).catch((error: unknown) => {
        log.warn('outbox.publish_failed', { error, reason: entity.name });
        for (const listener of listeners) listener();
      });
      await Promise.race([publishing, sleep(patience, undefined, { ref: false })]);
    },
    publishTombstones: (entity) => publishAll(entity, { ...waiting, deleted: true }),
    onFailed: (listener) => void listeners.push(listener),
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
