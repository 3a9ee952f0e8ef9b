import type { IdentityEntity } from '../identity.ts';
import { serviceOf, type DataHolder } from '../services.ts';
import type { Collection, Field } from './shape.ts';

/** Why ids and versions stay. */
export const tombstone =
  'Ids and versions without a name: so that no older copy brings the rest back (GDPR Art. 17(1), 5(1)(f)).';

const states = {
  tenant: { status: 'plain' },
  credential: {
    kind: 'plain',
    tenant: 'id',
    username: 'id',
    secretHash: 'hash of a secret',
    cidr: 'sealed',
  },
  domain: { tenant: 'id', name: 'sealed', nameIndex: 'blind index', signing: 'plain' },
  token: { role: 'plain', tenant: 'id', hash: 'hash of a secret' },
} as const satisfies Record<IdentityEntity, Record<string, Field>>;

/** Every field that a state of an entity can have. */
export const projectedFields: readonly string[] = [
  ...new Set(Object.values(states).flatMap((state) => Object.keys(state))),
];

/** What a service keeps of identity's entities, so that it need not ask. */
export function projectionOf(service: DataHolder): Collection {
  const entities = serviceOf(service).projects;
  const collection = service === 'privacy' ? 'projection' : 'identity';
  const fields = entities.flatMap((entity) => Object.entries<Field>(states[entity]));
  return {
    id: `${service}.${collection}`,
    service,
    collection,
    purpose: `What identity says of each ${entities.join(', ')}, so that it need not be asked.`,
    basis: 'contract',
    retention: 'As in identity, a second later; then a tombstone of id and version.',
    limit: null,
    erasure: 'Replaced by tombstones; what is sealed in it dies with the account key.',
    subject: {
      tenant: {
        _id: 'tenant:{tenant}',
        ...(entities.length > 1 ? { 'state.tenant': '{tenant}' } : undefined),
      },
      canary: { _id: entities.includes('domain') ? 'domain:{domain}' : 'token:{token}' },
      erased: 'purge',
      remains: ['_id', 'version', 'buried'],
      ground: tombstone,
    },
    fields: {
      _id: 'id',
      version: 'plain',
      // Nothing but a tombstone has no state.
      state: { protection: 'plain', seenIn: 'packages/projection/test/projection.test.ts' },
      ...Object.fromEntries(fields.map(([name, field]) => [`state.${name}`, field])),
      // Of a tombstone that an erasure has put here, ahead of identity.
      buried: { protection: 'plain', seenIn: 'packages/projection/test/projection.test.ts' },
      // Of the one document that says that a snapshot was applied.
      entities: 'plain',
      at: 'plain',
    },
  };
}
