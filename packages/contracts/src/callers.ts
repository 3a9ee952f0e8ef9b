import type { IdentityEntity } from './identity.ts';
import type { KeyId } from './keys.ts';
import { serviceNames, type ServiceName } from './services.ts';

/** What a key is for: the part of its id before the day. */
export const keyPurposes = ['account', 'index', 'mail', 'events'] as const;
export type KeyPurpose = (typeof keyPurposes)[number];

export type InternalRoute =
  | 'resolveKeys'
  | 'activateTenant'
  | 'fences'
  | 'keyDays'
  | 'snapshot'
  | 'undeliveredMail'
  | 'readSpool';

interface Rights {
  /** The internal routes that it may call. */
  readonly routes: readonly InternalRoute[];
  /** The keys that privacy gives it. */
  readonly keys: readonly KeyPurpose[];
  /** What identity tells it in a snapshot. */
  readonly entities: readonly IdentityEntity[];
}

/**
 * What each service gets from the others, and why. Whatever is not here is refused by the service that
 * is asked: it knows the caller by its token.
 */
const rights: Readonly<Record<ServiceName, Rights>> = {
  // Seals what it accepts (mail, events, index), opens the networks of credentials (account).
  ingress: {
    routes: ['resolveKeys', 'fences', 'keyDays', 'snapshot'],
    keys: ['account', 'index', 'mail', 'events'],
    entities: ['tenant', 'credential', 'domain', 'token'],
  },
  // Opens mail, seals events, opens DKIM keys (account).
  delivery: {
    routes: ['resolveKeys', 'fences', 'keyDays', 'snapshot', 'readSpool'],
    keys: ['account', 'index', 'mail', 'events'],
    entities: ['tenant', 'domain', 'token'],
  },
  // Opens rows of the usage log and finds them by address. Never mail, and nothing of the account.
  logging: {
    routes: ['resolveKeys', 'fences', 'keyDays', 'snapshot'],
    keys: ['index', 'events'],
    entities: ['tenant', 'token'],
  },
  // Seals names and owners and finds domains. Never mail, nor who wrote to whom.
  identity: {
    routes: ['resolveKeys', 'activateTenant', 'fences'],
    keys: ['account', 'index'],
    entities: [],
  },
  privacy: {
    routes: ['snapshot', 'undeliveredMail'],
    keys: [],
    entities: ['tenant', 'token'],
  },
};

export const callersOf = (route: InternalRoute): readonly ServiceName[] =>
  serviceNames.filter((name) => rights[name].routes.includes(route));

export const purposeOf = (id: KeyId): KeyPurpose => id.split(':')[0] as KeyPurpose;

export const mayHaveKey = (caller: ServiceName, id: KeyId): boolean =>
  rights[caller].keys.includes(purposeOf(id));

export const mayKnow = (caller: ServiceName, entity: IdentityEntity): boolean =>
  rights[caller].entities.includes(entity);
