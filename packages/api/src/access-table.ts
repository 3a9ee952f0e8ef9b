import { operatorRoles, roles, type Role } from '@mysmtp/contracts';

/** A permission: its holders, and what else it requires. */
export interface AccessRule {
  /** What a holder may do. */
  readonly may: string;
  /** The roles that have it: of people in a tenant, for its own data, and of operators. */
  readonly roles: readonly Role[];
  /** Whether an API key may have it as a scope. A key without scopes has every permission of its creator. */
  readonly scope: boolean;
  /** A person must have presented a second factor within the last five minutes. Never asked of a key. */
  readonly fresh?: true;
  /**
   * It shows data of a tenant. An operator needs an open access to this tenant, and the tenant sees what was
   * read. Without it, an operator sees ids, counts and times only. Other acts of an operator that concern a
   * tenant need no access, and the tenant sees them too.
   */
  readonly breakGlass?: true;
}

const everyRole = ['owner', 'admin', 'developer', 'dpo', 'reader'] as const;
const builders = ['owner', 'admin', 'developer'] as const;
const managers = ['owner', 'admin'] as const;

/**
 * Who may do what. A route names one permission; its authorized callers follow from this table alone: in
 * the middleware (`packages/http`), in docs/access.md and in the tests. A scope has the name of a permission.
 */
export const accessTable = {
  'tenants:create': {
    may: 'register a customer',
    roles: ['support', 'operator'],
    scope: true,
  },
  'tenants:read': {
    may: 'read the customer record',
    roles: [...everyRole, 'support', 'privacy-officer', 'operator'],
    scope: true,
    breakGlass: true,
  },
  'domains:create': {
    may: 'add a sender domain, unverified until DNS shows that it is the tenant’s',
    roles: [...managers, 'support', 'operator'],
    scope: true,
  },
  'domains:vouch': {
    may: 'vouch for a sender domain',
    roles: ['support', 'operator'],
    scope: true,
    breakGlass: true,
  },
  'domains:read': {
    may: 'list the sender domains',
    roles: [...everyRole, 'support', 'operator'],
    scope: true,
    breakGlass: true,
  },
  'domains:write': {
    may: 'change and remove sender domains',
    roles: [...managers, 'support', 'operator'],
    scope: true,
    breakGlass: true,
  },
  'audit:read': {
    may: 'read the audit chain: a tenant what concerns it, an operator the chain without the content of tenants',
    roles: [...managers, 'dpo', 'privacy-officer', 'operator'],
    scope: true,
  },
  'audit-heads:read': {
    may: 'read the signed heads of the audit chain',
    roles: ['privacy-officer', 'operator'],
    scope: true,
  },
  'dkim:read': {
    may: 'read the DKIM records to publish',
    roles: [...everyRole],
    scope: true,
  },
  'credentials:read': {
    may: 'list the SMTP credentials',
    roles: [...everyRole, 'support', 'operator'],
    scope: true,
    breakGlass: true,
  },
  'credentials:write': {
    may: 'create and revoke SMTP credentials',
    roles: [...builders, 'support', 'operator'],
    scope: true,
    fresh: true,
  },
  'tenants:write': {
    may: 'set the plan and the limits of a customer',
    roles: ['support', 'operator'],
    scope: true,
    fresh: true,
  },
  'usage:read': {
    may: 'read how much of its limits a tenant has used',
    roles: [...everyRole],
    scope: true,
  },
  'suspensions:read': {
    may: 'read why a tenant or a credential is stopped, with appeals and answers',
    roles: [...everyRole, 'support', 'privacy-officer', 'operator'],
    scope: true,
    breakGlass: true,
  },
  'suspensions:appeal': {
    may: 'appeal against a suspension',
    roles: [...managers, 'dpo'],
    scope: true,
  },
  'suspensions:write': {
    may: 'suspend and restrict tenants and credentials, answer appeals, and lift',
    roles: ['support', 'privacy-officer', 'operator'],
    scope: true,
    fresh: true,
  },
  'networks:create': {
    may: 'let a network submit mail without AUTH',
    roles: ['support', 'operator'],
    scope: true,
    fresh: true,
  },
  'tokens:read': {
    may: 'list the API keys',
    roles: [...everyRole, 'support', 'operator'],
    scope: true,
    breakGlass: true,
  },
  'tokens:write': {
    may: 'create and revoke API keys',
    roles: [...builders, 'operator'],
    // A key with scopes must not be able to make a key with more.
    scope: false,
    fresh: true,
  },
  'operators:create': {
    may: 'create API keys of operators',
    roles: ['operator'],
    scope: false,
    fresh: true,
  },
  'accesses:write': {
    may: 'open and end an access to the data of a tenant (break-glass)',
    roles: [...operatorRoles],
    scope: false,
    fresh: true,
  },
  'access-log:read': {
    may: 'read which data operators saw and what they did',
    roles: ['owner', 'dpo'],
    scope: true,
  },
  'messages:read': {
    may: 'read the usage log',
    roles: [...everyRole],
    scope: true,
  },
  'messages:export': {
    may: 'export the usage log as a file',
    roles: [...managers, 'dpo'],
    scope: true,
    fresh: true,
  },
  'messages:import': {
    may: 'import the rows of an export of a person’s data into the usage log',
    roles: ['owner'],
    scope: false,
    fresh: true,
  },
  'statistics:read': {
    may: 'read how many messages had which outcome, by hour and day',
    roles: [...everyRole],
    scope: true,
  },
  'retention:read': {
    may: 'read for how many days the usage log is kept',
    roles: [...everyRole],
    scope: true,
  },
  'retention:write': {
    may: 'choose for how many days the usage log is kept',
    roles: [...managers, 'dpo'],
    scope: true,
    fresh: true,
  },
  // Without addresses: only a caller that has the address finds the suppression of a person.
  'suppressions:read': {
    may: 'list to which people no mail is sent, and search by address',
    roles: [...everyRole],
    scope: true,
  },
  'suppressions:write': {
    may: 'remove the suppression of a person who wants the mail again',
    roles: [...managers, 'dpo'],
    scope: true,
    fresh: true,
  },
  // No access to the tenant is needed: the answer has no address, domain, subject, reply or count of a tenant.
  'messages:state': {
    may: 'see the state of a message by its id: times, status, class of the site and of the last reply',
    roles: ['support', 'on-call', 'operator'],
    scope: true,
  },
  // Ids, rules and times only. So an operator needs no open access.
  'findings:read': {
    may: 'read what detection has found',
    roles: ['owner', 'admin', 'dpo', 'support', 'on-call', 'privacy-officer', 'operator'],
    scope: true,
  },
  'held:read': {
    may: 'list held messages: ids and times',
    roles: ['support', 'on-call', 'operator'],
    scope: true,
  },
  'held:settle': {
    may: 'retry or cancel a held message',
    roles: ['on-call', 'operator'],
    scope: true,
  },
  'dead-letters:read': {
    may: 'list dead letters: ids, queues and times',
    roles: ['on-call', 'operator'],
    scope: true,
  },
  'dead-letters:settle': {
    may: 'retry or discard a dead letter',
    roles: ['on-call', 'operator'],
    scope: true,
  },
  'keyring:read': {
    may: 'list the roots of keys: ids and times',
    roles: ['on-call', 'privacy-officer', 'operator'],
    scope: true,
  },
  'keyring:rotate': {
    may: 'start a new epoch of keys',
    roles: ['privacy-officer', 'operator'],
    scope: true,
    fresh: true,
  },
  'erasures:read': {
    may: 'read requests for erasure and certificates',
    roles: ['privacy-officer', 'operator'],
    scope: true,
  },
  'erasures:request': {
    may: 'request the erasure of a tenant',
    roles: ['privacy-officer', 'operator'],
    scope: true,
    fresh: true,
  },
  'exports:read': {
    may: 'download the own data that was requested; with requests:others that of the people of the tenant',
    roles: [...roles],
    scope: true,
    fresh: true,
  },
  'consents:read': {
    may: 'see the own consents and their texts',
    roles: [...roles],
    // A consent is an act of a person.
    scope: false,
  },
  'consents:write': {
    may: 'give and withdraw the own consents',
    roles: [...roles],
    scope: false,
  },
  'breaches:read': {
    may: 'read the register of breaches, and draft the notice to the authority',
    roles: ['privacy-officer', 'operator'],
    scope: true,
  },
  'breaches:write': {
    may: 'record a breach, and what was decided about it',
    roles: ['privacy-officer', 'operator'],
    scope: true,
    fresh: true,
  },
  'requests:write': {
    may: 'request a right for the own data, and withdraw a request; a key: for the people of its tenant',
    roles: [...roles],
    scope: true,
    fresh: true,
  },
  'requests:others': {
    may: 'request a right for the people whose data the tenant has, and read these requests',
    roles: ['owner', 'dpo'],
    scope: true,
  },
  'requests:read': {
    may: 'read the own requests; with requests:others those of the tenant; an operator without addresses',
    roles: [...roles],
    scope: true,
  },
  'requests:decide': {
    may: 'extend and refuse a request, or act on one that waits',
    roles: ['owner', 'dpo', 'privacy-officer', 'operator'],
    scope: true,
    fresh: true,
  },
  'requests:enter': {
    may: 'enter a request that came by letter or mail',
    roles: ['support', 'privacy-officer', 'operator'],
    scope: true,
  },
  'request-policy:write': {
    may: 'set what happens to requests of the public page',
    roles: ['owner', 'dpo'],
    scope: true,
    fresh: true,
  },
  'holds:read': {
    may: 'list legal holds',
    roles: ['privacy-officer', 'operator'],
    scope: true,
  },
  'holds:write': {
    may: 'approve and release a legal hold',
    roles: ['privacy-officer', 'operator'],
    scope: true,
    fresh: true,
  },
  'records:read': {
    may: 'read the records of processing activities',
    roles: ['privacy-officer', 'operator'],
    scope: true,
  },
  'account:read': {
    may: 'see the own account and its sessions',
    roles: [...roles],
    scope: false,
  },
  'account:write': {
    may: 'correct the own name, end own sessions, present a second factor',
    roles: [...roles],
    scope: false,
  },
  'account:secure': {
    may: 'change the own password, address and second factors, leave',
    roles: [...roles],
    scope: false,
    fresh: true,
  },
  'factors:enrol': {
    may: 'add a second factor to the own account',
    roles: [...roles],
    scope: false,
    fresh: true,
  },
  'sign-in-provider:read': {
    may: 'see by which OpenID provider the people of the tenant sign in',
    roles: [...managers],
    scope: false,
  },
  'sign-in-provider:write': {
    may: 'configure and remove this provider',
    roles: [...managers],
    // It decides who gets a session.
    scope: false,
    fresh: true,
  },
  'people:read': {
    may: 'list the people of the own realm, invitations and lost factors',
    roles: [...managers, 'dpo', 'operator'],
    scope: true,
  },
  'people:write': {
    may: 'invite and remove people of the own realm, change roles, approve lost factors',
    roles: [...managers, 'operator'],
    // A key with scopes must not be able to invite its holder. A key without scopes is the owner.
    scope: false,
    fresh: true,
  },
  'ownership:transfer': {
    may: 'make another person the owner of the tenant',
    roles: ['owner'],
    scope: false,
    fresh: true,
  },
  'lost-factors:approve': {
    may: 'approve that a person of a tenant replaces a lost second factor',
    roles: ['support', 'operator'],
    scope: false,
    fresh: true,
  },
} as const satisfies Readonly<Record<string, AccessRule>>;

export type Permission = keyof typeof accessTable;
