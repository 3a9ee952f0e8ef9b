import {
  day,
  hour,
  minute,
  type FindingRule,
  type SecurityEvent,
  type SecurityEventType,
  type Severity,
} from '@mysmtp/contracts';
import { createWindows } from './windows.ts';

/** What a rule reads of an event. Everything that is sealed stays sealed. */
export type Observed = Pick<
  SecurityEvent,
  | 'id'
  | 'at'
  | 'type'
  | 'tenant'
  | 'actor'
  | 'outcome'
  | 'reason'
  | 'ticket'
  | 'networkKey'
  | 'accountKey'
>;

/** What a rule has found. Only our own ids. */
export interface Found {
  /** What it is about: while this is reported, the rule does not report it again. */
  readonly about: string;
  /** Whose finding it is; `null`: only for operators. */
  readonly tenant: string | null;
  /** The person, credential or operator. */
  readonly subject: string | null;
  /** How many events or accounts it took. */
  readonly count: number;
}

export interface Rule {
  readonly severity: Severity;
  /** The events that it reads. */
  readonly types: readonly SecurityEventType[];
  /** How far back an event may matter, in milliseconds: this much is read again after a restart. */
  readonly span: number;
  /** A rule with a memory of its own. It is called with events of its types, in about their order. */
  start(): (event: Observed) => Found | undefined;
}

/** Whose finding an event makes: of the tenant, and of the actor. */
const of = ({ tenant, actor }: Observed, about: string, count = 1): Found => ({
  about,
  tenant,
  subject: actor.id,
  count,
});

/** A rule without a memory: each of these events is a finding, or those about the same within an hour one. */
const each = (
  severity: Severity,
  types: readonly SecurityEventType[],
  isFinding: (event: Observed) => boolean = () => true,
  about: (event: Observed) => string = ({ id }) => id,
): Rule => ({
  severity,
  types,
  span: 0,
  start: () => (event) => (isFinding(event) ? of(event, about(event)) : undefined),
});

/** The account that an attempt was about: also one that does not exist. */
const accountOf = ({ accountKey, actor }: Observed) => actor.id ?? accountKey;

/** Attempts to authenticate, by HTTP and SMTP. */
const attempts = ['sign_in', 'factor_used', 'auth'] as const;

/** Many accounts are tried from one network: a list of stolen passwords. */
const credentialStuffing: Rule = {
  severity: 'high',
  types: attempts,
  span: 10 * minute,
  start() {
    const accounts = createWindows({ span: 10 * minute, limit: 10 });
    const tenants = createWindows({ span: 10 * minute, limit: 2 });
    return (event) => {
      const account = accountOf(event);
      if (event.outcome === 'ok' || event.networkKey === null || account === undefined)
        return undefined;
      const { networkKey, tenant, at } = event;
      if (tenant !== null) tenants.add(networkKey, tenant, at);
      const count = accounts.add(networkKey, account, at);
      if (count < 10) return undefined;
      const [only = null, ...others] = tenants.values(networkKey, at);
      // If the accounts belong to several tenants, none may learn of another.
      return { about: networkKey, tenant: others.length > 0 ? null : only, subject: null, count };
    };
  },
};

/** Many wrong secrets of one account, and then the right one: it was guessed. */
const guessedSecret: Rule = {
  severity: 'high',
  types: attempts,
  span: 15 * minute,
  start() {
    const failures = createWindows({ span: 15 * minute, limit: 10 });
    return (event) => {
      const { id } = event.actor;
      if (id === null) return undefined;
      if (event.outcome !== 'ok') {
        failures.add(id, event.id, event.at);
        return undefined;
      }
      const count = failures.count(id, event.at);
      if (count < 10) return undefined;
      failures.forget(id);
      return of(event, event.id, count);
    };
  },
};

/** One SMTP credential is used in several networks at the same time: it was copied. */
const credentialInManyNetworks: Rule = {
  severity: 'high',
  types: ['auth'],
  span: 10 * minute,
  start() {
    const networks = createWindows({ span: 10 * minute, limit: 3 });
    return (event) => {
      const { actor, networkKey, outcome, at } = event;
      if (outcome !== 'ok' || actor.id === null || networkKey === null) return undefined;
      const count = networks.add(actor.id, networkKey, at);
      return count < 3 ? undefined : of(event, actor.id, count);
    };
  },
};

/** How many requests for data from one network within an hour are many. */
const manyRequests = 5;

const manyDataRequests: Rule = {
  severity: 'medium',
  types: ['data_request', 'erasure_requested'],
  span: hour,
  start() {
    const requests = createWindows({ span: hour, limit: manyRequests });
    return (event) => {
      if (event.networkKey === null || event.outcome !== 'ok') return undefined;
      const count = requests.add(event.networkKey, event.id, event.at);
      if (count < manyRequests) return undefined;
      return { about: event.networkKey, tenant: null, subject: event.actor.id, count };
    };
  },
};

/** Somebody took over an account, and takes its data now. */
const dataRequestAfterChange: Rule = {
  severity: 'high',
  types: ['password_changed', 'email_changed', 'data_request', 'export_made'],
  span: 3 * day,
  start() {
    const changes = createWindows({ span: 3 * day, limit: 1 });
    return (event) => {
      const { id } = event.actor;
      if (id === null || event.outcome !== 'ok') return undefined;
      if (event.type === 'password_changed' || event.type === 'email_changed') {
        changes.add(id, event.type, event.at);
        return undefined;
      }
      return changes.count(id, event.at) === 0 ? undefined : of(event, id);
    };
  },
};

const isByOperator = ({ actor, tenant }: Observed) => actor.kind === 'operator' && tenant !== null;

/** Every rule of detection, by its name in findings, metrics and documents. */
export const rules = {
  'credential-stuffing': credentialStuffing,
  'guessed-secret': guessedSecret,
  'credential-in-many-networks': credentialInManyNetworks,
  /** Of the person; identity knows the devices and networks. */
  'new-device': each('low', ['sign_in'], ({ reason }) => reason === 'new'),
  'sending-volume': each('medium', ['sending'], ({ reason }) => reason === 'volume'),
  'new-recipients': each('medium', ['sending'], ({ reason }) => reason === 'recipients'),
  'sending-bounces': each('medium', ['sending'], ({ reason }) => reason === 'bounces'),
  'factor-removed': each(
    'medium',
    ['factor_removed', 'lost_factor'],
    (event) => isDone(event) && event.reason !== 'ended',
  ),
  'role-raised': each('medium', ['role_changed'], ({ reason }) => reason === 'raised'),
  'bulk-export': each('medium', ['export_made'], isDone),
  /** What was read without an open access, and what an operator tried to read. */
  'operator-without-ticket': each(
    'high',
    ['data_viewed', 'request_refused'],
    (event) =>
      isByOperator(event) &&
      event.ticket === null &&
      (event.type === 'data_viewed' || event.reason === 'access'),
  ),
  /** Each check finds it again. */
  'chain-broken': each(
    'high',
    ['chain_head_refused', 'chain_broken'],
    () => true,
    () => 'audit chain',
  ),
  'many-data-requests': manyDataRequests,
  'data-request-after-change': dataRequestAfterChange,
} as const satisfies Readonly<Record<Exclude<FindingRule, 'other'>, Rule>>;

export type RuleName = keyof typeof rules;

function isDone({ outcome }: Observed): boolean {
  return outcome === 'ok';
}
