import type { IdentityEntity } from '../identity.ts';
import { limitNames } from '../plans.ts';
import { serviceOf, type DataHolder } from '../services.ts';
import type { Collection, Field } from './shape.ts';

/** Why ids and versions are kept. */
export const tombstone =
  'Ids and versions without a name: so that no older copy brings the rest back (GDPR Art. 17(1), 5(1)(f)).';

const keys = 'packages/projection/test/token-lookup.unit.test.ts';
/** Not every credential is limited. */
const limited = (protection: Extract<Field, string>) =>
  ({ protection, seenIn: 'services/identity/test/credential-limits.test.ts' }) as const;

const states = {
  tenant: {
    status: 'plain',
    ...Object.fromEntries(limitNames.map((name) => [`limits.${name}`, 'plain' as const])),
  },
  credential: {
    kind: 'plain',
    tenant: 'id',
    suspended: { protection: 'plain', seenIn: 'services/identity/test/suspensions.test.ts' },
    username: 'id',
    secretHash: 'hash of a secret',
    cidr: 'sealed',
    senders: limited('blind index'),
    networks: limited('sealed'),
    sandbox: limited('plain'),
    expiresAt: limited('plain'),
    'previous.secretHash': limited('hash of a secret'),
    'previous.until': limited('plain'),
  },
  domain: {
    tenant: 'id',
    name: 'sealed',
    nameIndex: 'blind index',
    signing: 'plain',
    status: 'plain',
    dkimSelector: 'id',
    dkim: 'plain',
    ed25519Selector: 'id',
    ed25519: 'plain',
  },
  token: {
    role: 'plain',
    tenant: 'id',
    hash: 'hash of a secret',
    scopes: { protection: 'plain', seenIn: keys },
    domain: { protection: 'id', seenIn: keys },
    expiresAt: { protection: 'plain', seenIn: keys },
    atIdentity: { protection: 'plain', seenIn: keys },
  },
} as const satisfies Record<IdentityEntity, Record<string, Field>>;

/** Every field that a state of an entity can have, without those inside it. */
export const projectedFields: readonly string[] = [
  ...new Set(
    Object.values(states).flatMap((state) =>
      Object.keys(state).map((path) => path.replace(/\..*$/, '')),
    ),
  ),
];

/** A service's copy of identity's entities, so that it need not call identity. */
export function projectionOf(service: DataHolder): Collection {
  const entities = serviceOf(service).projects;
  const collection = 'identityProjection';
  const fields = entities.flatMap((entity) => Object.entries<Field>(states[entity]));
  return {
    id: `${service}.${collection}`,
    service,
    collection,
    purpose: `The state of each ${entities.join(', ')} in identity, so that identity need not be called.`,
    basis: 'contract',
    retention: 'As in identity, one second later; then a tombstone of id and version.',
    limit: null,
    erasure: 'Replaced by tombstones; its sealed fields become unreadable with the account key.',
    subject: {
      tenant: {
        _id: 'tenant:{tenant}',
        ...(entities.length > 1 ? { 'state.tenant': '{tenant}' } : undefined),
      },
      person: null,
      canary: { _id: entities.includes('domain') ? 'domain:{domain}' : 'token:{token}' },
      erased: 'purge',
      remains: ['_id', 'version', 'deleted'],
      ground: tombstone,
    },
    fields: {
      _id: 'id',
      version: 'plain',
      // Only a tombstone has no state.
      state: { protection: 'plain', seenIn: 'packages/projection/test/projection.test.ts' },
      ...Object.fromEntries(fields.map(([name, field]) => [`state.${name}`, field])),
      // Of a tombstone that an erasure created here before identity's arrived.
      deleted: { protection: 'plain', seenIn: 'packages/projection/test/projection.test.ts' },
      // Of the one document that records an applied snapshot.
      entities: 'plain',
      at: 'plain',
    },
  };
}
