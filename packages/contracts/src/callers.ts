import type { IdentityEntity } from './identity.ts';
import type { KeyId } from './keys.ts';
import { serviceNames, type ServiceName } from './services.ts';
import { projectedEntities } from './topology.ts';

/** What a key is for: the part of its id before the day. */
export const keyPurposes = ['account', 'index', 'mail', 'events'] as const;
export type KeyPurpose = (typeof keyPurposes)[number];

export type InternalRoute =
  | 'resolveKeys'
  | 'activateTenant'
  | 'fences'
  | 'standing'
  | 'keyDays'
  | 'snapshot'
  | 'undeliveredMail'
  | 'readSpool';

interface Rights {
  /** The internal routes that it may call. */
  readonly routes: readonly InternalRoute[];
  /** The keys that privacy gives it. */
  readonly keys: readonly KeyPurpose[];
}

/**
 * What each service gets from the others, and why. Whatever is not here is refused by the service that
 * is asked: it knows the caller by its token.
 */
const rights: Readonly<Record<ServiceName, Rights>> = {
  // Seals what it accepts (mail, events, index), opens the networks of credentials (account).
  ingress: {
    routes: ['resolveKeys', 'fences', 'standing', 'keyDays', 'snapshot'],
    keys: ['account', 'index', 'mail', 'events'],
  },
  // Opens mail, seals events, opens DKIM keys (account).
  delivery: {
    routes: ['resolveKeys', 'fences', 'standing', 'keyDays', 'snapshot', 'readSpool'],
    keys: ['account', 'index', 'mail', 'events'],
  },
  // Opens rows of the usage log and finds them by address. Never mail, and nothing of the account.
  logging: {
    routes: ['resolveKeys', 'fences', 'standing', 'keyDays', 'snapshot'],
    keys: ['index', 'events'],
  },
  // Seals names and owners and finds domains. Never mail, nor who wrote to whom.
  identity: {
    routes: ['resolveKeys', 'activateTenant', 'fences', 'standing'],
    keys: ['account', 'index'],
  },
  privacy: {
    routes: ['snapshot', 'undeliveredMail'],
    keys: [],
  },
};

export const callersOf = (route: InternalRoute): readonly ServiceName[] =>
  serviceNames.filter((name) => rights[name].routes.includes(route));

export const purposeOf = (id: KeyId): KeyPurpose => id.split(':')[0] as KeyPurpose;

export const mayHaveKey = (caller: ServiceName, id: KeyId): boolean =>
  rights[caller].keys.includes(purposeOf(id));

/** What identity tells it in a snapshot is what it hears by event. */
export const mayKnow = (caller: ServiceName, entity: IdentityEntity): boolean => {
  const projected: readonly IdentityEntity[] = projectedEntities[caller];
  return projected.includes(entity);
};
