import type { IdentityEntity } from './identity.ts';
import type { KeyPurpose } from './keys.ts';

/** The calls from one service to another (internal-apis.ts). */
export type InternalRoute =
  | 'resolveKeys'
  | 'activateTenant'
  | 'fences'
  | 'standing'
  | 'keyDays'
  | 'snapshot'
  | 'undeliveredMail'
  | 'readSpool';

/** What the others have to know of a service, and what it gets from them. */
interface Service {
  /** What it does, in a sentence. */
  readonly does: string;
  /** Whether it has a database: then it has stores in the registry and signs receipts of erasures. */
  readonly holdsData: boolean;
  /** The entities of identity of which it has a projection: it hears of them, and no others. */
  readonly projects: readonly IdentityEntity[];
  /** The internal routes that it may call. */
  readonly calls: readonly InternalRoute[];
  /** The keys that privacy gives it. */
  readonly keys: readonly KeyPurpose[];
}

/**
 * The programs. Each has an exchange, a queue for the commands of erasures, a broker user, keys for its
 * calls and ports of its own. All of that follows from an entry here. Whatever is not in the entry, the
 * service that is asked for it refuses: it knows the caller by its token.
 */
export const services = {
  // Seals what it accepts (mail, events, index), opens the networks of credentials (account).
  ingress: {
    does: 'Takes mail from clients.',
    holdsData: true,
    projects: ['tenant', 'credential', 'domain', 'token'],
    calls: ['resolveKeys', 'fences', 'standing', 'keyDays', 'snapshot'],
    keys: ['account', 'index', 'mail', 'events'],
  },
  // Opens mail, seals events, opens DKIM keys (account).
  delivery: {
    does: 'Brings mail to the recipients’ MX.',
    holdsData: true,
    projects: ['tenant', 'domain', 'token'],
    calls: ['resolveKeys', 'fences', 'standing', 'keyDays', 'snapshot', 'readSpool'],
    keys: ['account', 'index', 'mail', 'events'],
  },
  // Opens rows of the usage log and finds them by address. Never mail, and nothing of the account.
  logging: {
    does: 'Keeps the usage log.',
    holdsData: true,
    projects: ['tenant', 'token'],
    calls: ['resolveKeys', 'fences', 'standing', 'keyDays', 'snapshot'],
    keys: ['index', 'events'],
  },
  // Seals names and owners and finds domains. Never mail, nor who wrote to whom.
  identity: {
    does: 'Knows tenants, credentials and domains.',
    holdsData: true,
    projects: [],
    calls: ['resolveKeys', 'activateTenant', 'fences', 'standing'],
    keys: ['account', 'index'],
  },
  privacy: {
    does: 'Makes, hands out and destroys keys; erases.',
    holdsData: true,
    projects: ['tenant', 'token'],
    calls: ['snapshot', 'undeliveredMail'],
    keys: [],
  },
} as const satisfies Readonly<Record<string, Service>>;

type Services = typeof services;
export type ServiceName = keyof Services;

export const serviceNames = Object.keys(services) as [ServiceName, ...ServiceName[]];

/** The services that hold data. */
export type DataHolder = {
  [Name in ServiceName]: Services[Name]['holdsData'] extends true ? Name : never;
}[ServiceName];

export const dataHolders = serviceNames.filter(
  (name): name is DataHolder => services[name].holdsData,
);

/** What the table says of a service. */
export const serviceOf = (name: ServiceName): Service => services[name];

export function byService<T>(of: (service: ServiceName) => T): Readonly<Record<ServiceName, T>> {
  return Object.fromEntries(serviceNames.map((name) => [name, of(name)])) as Record<ServiceName, T>;
}
