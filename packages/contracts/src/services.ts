import type { IdentityEntity } from './identity.ts';
import type { KeyPurpose } from './keys.ts';

/** The calls from one service to another (internal-apis.ts). */
export type InternalRoute =
  | 'resolveKeys'
  | 'activateTenant'
  | 'fences'
  | 'standing'
  | 'orderStanding'
  | 'keyDays'
  | 'snapshot'
  | 'reportDkimKey'
  | 'principalOf'
  | 'reportUse'
  | 'noticeFinding'
  | 'reportQuota'
  | 'undeliveredMail'
  | 'readSpool'
  | 'submitNotice'
  | 'keepAuditHead'
  | 'announcement'
  | 'noticeRequest'
  | 'noticeWaitingRequest'
  | 'findAccount'
  | 'correctAccount'
  | 'closeAccount';

/** What a service provides to the others, and what it gets from them. */
interface Service {
  /** Its task, in a sentence. */
  readonly does: string;
  /** Whether it has a database. If so, it has stores in the registry and signs receipts of erasures. */
  readonly holdsData: boolean;
  /** The entities of identity in its projection. It receives changes of these only. */
  readonly projects: readonly IdentityEntity[];
  /** The internal routes that it may call. */
  readonly calls: readonly InternalRoute[];
  /** The purposes for which privacy gives it keys. */
  readonly keys: readonly KeyPurpose[];
}

/**
 * The services. Each has an exchange, a queue for commands of erasures, a broker user, keys for its calls
 * and ports of its own. All of that follows from an entry here. Anything that is not in the entry is
 * refused by the called service, which identifies the caller by its token.
 */
export const services = {
  // Every service seals what it reports to the audit chain (client, security).
  // Seals accepted mail (mail, events, index), opens the networks of credentials (account).
  ingress: {
    does: 'Accepts mail from clients.',
    holdsData: true,
    projects: ['tenant', 'credential', 'domain', 'token'],
    calls: [
      'resolveKeys',
      'fences',
      'standing',
      'orderStanding',
      'keyDays',
      'snapshot',
      'principalOf',
      'reportUse',
      'reportQuota',
    ],
    keys: ['account', 'index', 'mail', 'events', 'client', 'security'],
  },
  // Opens mail, seals events, opens DKIM keys (account).
  delivery: {
    does: 'Delivers mail to the recipients’ MX.',
    holdsData: true,
    projects: ['tenant', 'domain', 'token'],
    calls: [
      'resolveKeys',
      'fences',
      'standing',
      'orderStanding',
      'keyDays',
      'snapshot',
      'reportDkimKey',
      'principalOf',
      'reportUse',
      'readSpool',
    ],
    keys: ['account', 'index', 'mail', 'events', 'client', 'security'],
  },
  // Opens rows of the usage log and finds them by address. Seals and opens the audit chain. It never opens mail or fields under account keys.
  logging: {
    does: 'Keeps the usage log and the audit chain.',
    holdsData: true,
    projects: ['tenant', 'token'],
    calls: [
      'resolveKeys',
      'fences',
      'standing',
      'orderStanding',
      'keyDays',
      'snapshot',
      'principalOf',
      'reportUse',
      'keepAuditHead',
      'noticeFinding',
    ],
    keys: ['index', 'events', 'client', 'security', 'audit'],
  },
  // Seals names, owners and notices, and finds domains. It never opens mail or events.
  identity: {
    does: 'Manages tenants, credentials and domains.',
    holdsData: true,
    projects: [],
    calls: [
      'resolveKeys',
      'activateTenant',
      'fences',
      'standing',
      'orderStanding',
      'submitNotice',
      'announcement',
    ],
    keys: ['account', 'index', 'client', 'security'],
  },
  privacy: {
    does: 'Makes, provides and destroys keys; runs erasures and requests of persons.',
    holdsData: true,
    projects: ['tenant', 'token'],
    calls: [
      'snapshot',
      'principalOf',
      'reportUse',
      'undeliveredMail',
      'submitNotice',
      'noticeRequest',
      'noticeWaitingRequest',
      'findAccount',
      'correctAccount',
      'closeAccount',
    ],
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

/** The entry of a service in the table. */
export const serviceOf = (name: ServiceName): Service => services[name];

export function byService<T>(of: (service: ServiceName) => T): Readonly<Record<ServiceName, T>> {
  return Object.fromEntries(serviceNames.map((name) => [name, of(name)])) as Record<ServiceName, T>;
}
