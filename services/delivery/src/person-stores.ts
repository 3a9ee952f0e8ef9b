import type { PersonOfOrder, PersonStores } from '@mysmtp/orders';
import type { mongo } from 'mongoose';
import { type DeferredDocument, type DeferredModel, stateOf } from './deferred/document.ts';
import { UnreadableError, type OpenMessage } from './message/open.ts';
import type { SuppressionStore } from './suppressions/store.ts';
import type { Suppressions } from './suppressions/suppressions.ts';

/** Documents that are opened at once. */
const portion = 20;

/** A message that no process has opened yet has no index, so it is opened here. */
const mayConcern = ({ tenant, person }: PersonOfOrder) => ({
  tenant,
  kind: { $ne: 'canary' as const },
  $or: [
    { 'recipients.index': person },
    { senderIndex: person },
    { recipients: { $exists: false } },
  ],
});

/** What delivery has of a person, and the marks that it honours. */
export function personStoresOf(deps: {
  readonly deferred: DeferredModel;
  readonly open: OpenMessage;
  readonly store: SuppressionStore;
  readonly suppressions: Suppressions;
  readonly clock: { now(): number };
}): PersonStores {
  const { deferred, open, store, suppressions, clock } = deps;
  const collection = deferred.collection as unknown as mongo.Collection<DeferredDocument>;

  async function recordOf(
    document: DeferredDocument,
    { person }: PersonOfOrder,
  ): Promise<object | undefined> {
    const state = stateOf(document);
    let envelope;
    try {
      ({ envelope } = await open(state, document.content));
    } catch (error) {
      // Nobody can open it any more.
      if (error instanceof UnreadableError) return undefined;
      throw error;
    }
    const isSender = envelope.senderIndex === person;
    const recipients = envelope.recipients.flatMap(({ address, index }, n) =>
      isSender || index === person
        ? [{ address, status: state.opened?.recipients[n]?.status ?? 'accepted' }]
        : [],
    );
    if (recipients.length === 0) return undefined;
    return {
      id: state.id,
      kind: state.kind,
      acceptedAt: new Date(state.acceptedAt).toISOString(),
      sender: envelope.reversePath,
      recipients,
      octets: envelope.size,
    };
  }

  return {
    gather: {
      async *'delivery.deferred'(person) {
        let records: object[] = [];
        for await (const found of collection.find(mayConcern(person), { promoteBuffers: true })) {
          const record = await recordOf(found, person);
          if (record !== undefined) records.push(record);
          if (records.length < portion) continue;
          yield records;
          records = [];
        }
        yield records;
      },
      async *'delivery.suppressions'({ tenant, person }) {
        const found = await store.of(tenant, [person]);
        yield found.map(({ ground, request, at }) => ({ ground, request, at: at.toISOString() }));
      },
    },
    mark: {
      async 'delivery.suppressions'({ order, tenant, person, ground, exists }) {
        const named = { tenant, person, ground };
        if (!exists) return suppressions.remove(named);
        await suppressions.add({ ...named, request: order, at: new Date(clock.now()) });
      },
    },
  };
}
