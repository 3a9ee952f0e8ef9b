import { Id, internalApis, Signing } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from './definition.ts';
import { internalRoute } from './internal.ts';
import { showKeys } from './published-keys.ts';
import { DomainName } from './schemas/domain-name.ts';
import { NetworkCidr } from './schemas/network.ts';

/** Text for people to read: no control characters, no line breaks. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    // Not a pattern: other languages do not read this one.
    .refine((text) => !/\p{Cc}/u.test(text), 'must be one line of text')
    .describe('One line of text');

export const TenantName = line(200);
export const OwnerAddress = z.email({ pattern: z.regexes.unicodeEmail }).max(254);

/** How many days an operator's token lives at most. */
export const longestTokenLife = 365;

/** Ids are of our own making, so that a URL says nothing about anybody. */
const ById = z.strictObject({ id: Id });
/** An operator has to name the tenant; an owner's is known. */
const OfTenant = z.strictObject({ tenant: Id.optional() });

const Role = z.enum(['owner', 'operator']);
const Time = z.iso.datetime();

const Tenant = z.strictObject({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  status: z.enum(['active', 'suspended']),
  createdAt: Time,
});

const Domain = z.strictObject({ id: z.string(), name: z.string(), signing: Signing });

const Password = z.strictObject({ id: z.string(), username: z.string(), password: z.string() });

const Credential = z.strictObject({
  id: z.string(),
  type: z.enum(['password', 'network']),
  label: z.string().nullable(),
  username: z.string().optional(),
  network: z.string().optional(),
  createdAt: Time,
});

const Token = z.strictObject({
  id: z.string(),
  role: Role,
  createdAt: Time,
  /** Of operators' tokens; `null` for owners'. */
  name: z.string().nullable(),
  expiresAt: Time.nullable(),
});

const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
const domain = { id, name: 'example.org', signing: 'ours' };
const password = {
  id,
  username: 'mys_abcdefghijklmnop',
  password: 'a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5',
};
const createdAt = '2026-01-31T12:00:00.000Z';

export const identityApi = {
  showKeys,
  createTenant: {
    method: 'post',
    path: '/v1/tenants',
    summary:
      'Registers a customer whose domain the operator vouches for; its secrets are shown once',
    access: { permission: 'tenants:create' },
    body: z.strictObject({
      name: TenantName,
      domain: DomainName,
      owner: OwnerAddress.optional(),
    }),
    replies: {
      201: z.strictObject({
        tenant: z.strictObject({ id: z.string(), name: z.string(), domain: z.string() }),
        ownerToken: z.string(),
        credential: Password,
      }),
    },
    errors: ['conflict', 'not-found'],
    rateLimit: 'costly',
    examples: {
      body: { name: 'Example Ltd', domain: 'example.org', owner: 'owner@example.org' },
      replies: {
        201: {
          tenant: { id, name: 'Example Ltd', domain: 'example.org' },
          ownerToken: 'mysmtp_TOKEN',
          credential: password,
        },
      },
    },
  },
  readTenant: {
    method: 'get',
    path: '/v1/tenants/{id}',
    summary: 'A customer, for its owners and the operator',
    access: { permission: 'tenants:read' },
    params: ById,
    replies: { 200: z.strictObject({ tenant: Tenant }) },
    errors: ['not-found'],
    examples: {
      replies: {
        200: {
          tenant: { id, name: 'Example Ltd', owner: null, status: 'active', createdAt },
        },
      },
    },
  },
  listDomains: {
    method: 'get',
    path: '/v1/domains',
    summary: "A tenant's sender domains",
    access: { permission: 'domains:read' },
    query: OfTenant,
    replies: { 200: z.strictObject({ domains: z.array(Domain) }) },
    errors: ['not-found'],
    examples: { replies: { 200: { domains: [domain] } } },
  },
  createDomain: {
    method: 'post',
    path: '/v1/domains',
    summary: 'Gives a tenant a sender domain that the operator vouches for',
    access: { permission: 'domains:create' },
    body: z.strictObject({ tenant: Id, name: DomainName }),
    replies: { 201: Domain },
    errors: ['not-found', 'conflict'],
    rateLimit: 'costly',
    examples: { body: { tenant: id, name: 'example.org' }, replies: { 201: domain } },
  },
  changeDomain: {
    method: 'patch',
    path: '/v1/domains/{id}',
    summary: "Says who signs a domain's mail: we, or the customer before it reaches us",
    access: { permission: 'domains:write' },
    params: ById,
    body: z.strictObject({ signing: Signing }),
    replies: { 200: Domain },
    errors: ['not-found'],
    rateLimit: 'costly',
    examples: {
      body: { signing: 'customer' },
      replies: { 200: { ...domain, signing: 'customer' } },
    },
  },
  deleteDomain: {
    method: 'delete',
    path: '/v1/domains/{id}',
    summary: 'Gives a sender domain up: nothing more is accepted from it',
    access: { permission: 'domains:write' },
    params: ById,
    replies: { 204: 'empty' },
    errors: ['not-found'],
    rateLimit: 'costly',
  },
  listCredentials: {
    method: 'get',
    path: '/v1/credentials',
    summary: "A tenant's credentials, without their secrets",
    access: { permission: 'credentials:read' },
    query: OfTenant,
    replies: { 200: z.strictObject({ credentials: z.array(Credential) }) },
    errors: ['not-found'],
    examples: {
      replies: {
        200: {
          credentials: [
            { id, type: 'network', label: 'printers', network: '192.0.2.0/28', createdAt },
          ],
        },
      },
    },
  },
  createCredential: {
    method: 'post',
    path: '/v1/credentials',
    summary: 'Makes a credential: a user name and password, shown once, or a network',
    access: { permission: 'credentials:write' },
    body: z.strictObject({
      label: line(100).optional(),
      network: NetworkCidr.optional().describe('Only an operator may name one'),
      tenant: Id.optional(),
    }),
    replies: {
      201: z.union([Password, z.strictObject({ id: z.string(), network: z.string() })]),
    },
    errors: ['not-found', 'conflict'],
    rateLimit: 'costly',
    examples: { body: { label: 'web shop' }, replies: { 201: password } },
  },
  deleteCredential: {
    method: 'delete',
    path: '/v1/credentials/{id}',
    summary: 'Revokes a credential, in open sessions too',
    access: { permission: 'credentials:write' },
    params: ById,
    replies: { 204: 'empty' },
    errors: ['not-found'],
    rateLimit: 'costly',
  },
  listTokens: {
    method: 'get',
    path: '/v1/tokens',
    summary:
      "A tenant's tokens without their secrets; for an operator who names none, the operators'",
    access: { permission: 'tokens:read' },
    query: OfTenant,
    replies: { 200: z.strictObject({ tokens: z.array(Token) }) },
    errors: ['not-found'],
    examples: {
      replies: { 200: { tokens: [{ id, role: 'owner', createdAt, name: null, expiresAt: null }] } },
    },
  },
  createToken: {
    method: 'post',
    path: '/v1/tokens',
    summary: "Makes a bearer token, shown once: another owner's, or an operator's by an operator",
    access: { permission: 'tokens:write' },
    body: z.strictObject({
      role: Role.default('owner'),
      tenant: Id.optional(),
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be up to 63 of a-z, 0-9 and -')
        .optional()
        .describe("What others know an operator's token by"),
      days: z
        .int()
        .min(1)
        .max(longestTokenLife)
        .optional()
        .describe("How many days an operator's token lives"),
    }),
    replies: { 201: z.strictObject({ id: z.string(), token: z.string() }) },
    errors: ['not-found'],
    rateLimit: 'costly',
    examples: {
      body: { role: 'operator', name: 'on-call-2026', days: 30 },
      replies: { 201: { id, token: 'mysmtp_TOKEN' } },
    },
  },
  deleteToken: {
    method: 'delete',
    path: '/v1/tokens/{id}',
    summary: 'Revokes a token, in every service',
    access: { permission: 'tokens:write' },
    params: ById,
    replies: { 204: 'empty' },
    errors: ['not-found'],
    rateLimit: 'costly',
  },
  snapshot: internalRoute(internalApis.snapshot, 'All entities, page by page'),
} as const satisfies ApiDefinition;
