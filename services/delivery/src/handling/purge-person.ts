import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '@mysmtp/contracts';
import type { Purge } from '@mysmtp/erasure';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import { stateOf, type DeferredDocument, type DeferredModel } from '../deferred/document.ts';
import { persistInQueue, type DeferredQueue } from '../deferred/persistence.ts';
import type { EventPublisher } from '../events/event-publisher.ts';
import type { HandlerRun, Job } from './handler.ts';

interface PurgeDeps {
  readonly model: DeferredModel;
  readonly queue: DeferredQueue;
  readonly work: (job: Job) => HandlerRun;
  readonly eventPublisher: Pick<EventPublisher, 'released'>;
  readonly tenants: Pick<Tenants, 'run'>;
}

const batch = 100;
/** How long to wait for messages that other processes work on, before the purge is repeated. Milliseconds. */
const patience = { pause: 100, rounds: 300 } as const;

/**
 * Removes a person from the deferred queue: cancels what is for or from the person, and seals mail to others
 * again without it. Each message takes the same path as one that is in flight when the fence is applied.
 */
export function personPurge(deps: PurgeDeps): Purge<'person'> {
  const { model, queue, work, eventPublisher, tenants } = deps;
  const collection = model.collection as unknown as mongo.Collection<DeferredDocument>;

  /** False if another process works on it, or if it is gone. */
  async function search(id: string, tenant: string): Promise<boolean> {
    const lease = queue.leases.create();
    return tenants.run(tenant, 'handle', async () => {
      const document = await queue.store.leaseIdle(id, lease);
      if (document === undefined) return false;
      const { reason, heldAt } = document;
      const held = reason !== undefined && heldAt !== undefined && { reason, at: heldAt };
      const state = { ...stateOf(document), ...(held && { held }) };
      const persistence = persistInQueue(queue, state, lease);
      await work({ state, content: document.content, persistence, input: { kind: 'searched' } })
        .done;
      return true;
    });
  }

  /** Mail that was never opened has no blind indexes yet. After this it has, or the person is removed. */
  async function openAll(tenant: string): Promise<void> {
    // A message that cannot be opened shows no person.
    const unopened = {
      tenant,
      recipients: { $exists: false },
      reason: { $ne: 'unreadable' },
    } as const;
    for (let after = ''; ;) {
      const found = await idsOf({ ...unopened, _id: { $gt: after } });
      for (const id of found) await search(id, tenant);
      const last = found.at(-1);
      if (last === undefined) break;
      after = last;
    }
    // Those that other processes work on are checked there.
    const left = { ...unopened, state: { $in: ['ready', 'held'] } } as const;
    if ((await collection.countDocuments(left, { limit: 1 })) > 0) {
      throw new CodedError('purge_incomplete', 'Deferred mail could not be opened');
    }
  }

  const idsOf = async (filter: mongo.Filter<DeferredDocument>): Promise<string[]> => {
    const some = collection
      .find(filter, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(batch);
    return (await some.toArray()).map(({ _id }) => _id);
  };

  async function removeCanary(id: string, tenant: string): Promise<boolean> {
    const lease = queue.leases.create();
    const document = await queue.store.leaseIdle(id, lease);
    if (document === undefined) return false;
    if (document.spool) await eventPublisher.released(tenant, document.spool.id);
    return (await collection.deleteOne({ _id: id, lease })).deletedCount > 0;
  }

  return async ({ tenant, person }, count, { message }) => {
    if (message !== undefined && (await removeCanary(message, tenant))) await count(1);
    await openAll(tenant);
    const paths = ['recipients.index', 'senderIndex', 'about'] as const;
    const about = { $or: paths.map((path) => ({ [path]: person })) } as object;
    const searched = new Set<string>();
    for (let waits = 0; ;) {
      const found = await idsOf(about);
      if (found.length === 0) return;
      if (found.some((id) => searched.has(id))) {
        throw new CodedError('purge_incomplete', 'Deferred mail could not be opened');
      }
      const before = searched.size;
      for (const id of found) if (await search(id, tenant)) searched.add(id);
      if (searched.size > before) await count(searched.size - before);
      else if ((waits += 1) > patience.rounds) {
        throw new CodedError('purge_incomplete', 'Other processes do not release deferred mail');
      } else await sleep(patience.pause);
    }
  };
}
