import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { Permission } from '../access-table.ts';
import type { ApiDefinition } from '../definition.ts';
import { scopes } from '../permissions.ts';
import { NetworkCidr } from '../schemas/network.ts';
import { line } from '../schemas/text.ts';
import { ById, createdAt, id, OfTenant, Time } from './common.ts';

/** Maximum lifetime of an operator's token in days. */
export const longestTokenLife = 365;

const Role = z.enum(['owner', 'operator']);

/** A scope is a permission that a key may have (docs/access.md). */
const Scope = z.enum(scopes as readonly [Permission, ...Permission[]]);

const Token = z.strictObject({
  id: z.string(),
  role: Role,
  createdAt: Time,
  name: z.string().nullable().describe("Of an operator's key"),
  label: z.string().nullable().describe("Of a tenant's key"),
  scopes: z.array(Scope).nullable().describe('`null`: all permissions of its role'),
  domain: z.string().nullable().describe('The one domain to which it is limited'),
  networks: z.array(z.string()).nullable().describe('`null`: from everywhere'),
  expiresAt: Time.nullable(),
  lastUsedAt: Time.nullable().describe('About a minute late'),
  createdBy: z
    .string()
    .nullable()
    .describe(
      'Id of the person who created it. It ends when this person leaves, or may not create it any more',
    ),
});

export const tokensApi = {
  listTokens: {
    method: 'get',
    path: '/v1/tokens',
    summary:
      "A tenant's tokens without their secrets; for an operator who names none, the operators'",
    access: { permission: 'tokens:read' },
    query: OfTenant,
    replies: { 200: z.strictObject({ tokens: z.array(Token) }) },
    examples: {
      replies: {
        200: {
          tokens: [
            {
              id,
              role: 'owner',
              createdAt,
              name: null,
              label: 'dashboard',
              scopes: ['messages:read'],
              domain: null,
              networks: ['192.0.2.0/28'],
              expiresAt: null,
              lastUsedAt: createdAt,
              createdBy: id,
            },
          ],
        },
      },
    },
  },
  createToken: {
    method: 'post',
    path: '/v1/tokens',
    summary:
      "Creates an API key, shown once: a tenant's (only by the tenant), or an operator's (only by an operator)",
    access: { permission: 'tokens:write' },
    body: z.strictObject({
      role: Role.default('owner'),
      tenant: Id.optional(),
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be up to 63 of a-z, 0-9 and -')
        .optional()
        .describe("Name by which others identify an operator's key"),
      label: line(100).optional().describe("Name of a tenant's key"),
      scopes: z
        .array(Scope)
        .min(1)
        .optional()
        .describe('What the key may do. Without: everything that its creator may do as an owner'),
      domain: Id.optional().describe('The one domain to which the key is limited'),
      networks: z
        .array(NetworkCidr)
        .min(1)
        .max(20)
        .optional()
        .describe(
          'The networks from which the key is accepted. A key that has networks creates only keys within them',
        ),
      days: z
        .int()
        .min(1)
        .max(longestTokenLife)
        .optional()
        .describe(
          "Lifetime in days. A tenant's key without it is valid until revoked, an operator's for 90 days. A key that ends creates only keys that end no later",
        ),
    }),
    replies: { 201: z.strictObject({ id: z.string(), token: z.string() }) },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: {
      body: { label: 'dashboard', scopes: ['messages:read'], networks: ['192.0.2.0/28'], days: 30 },
      replies: { 201: { id, token: 'mysmtp_TOKEN' } },
    },
  },
  rotateToken: {
    method: 'post',
    path: '/v1/tokens/{id}/rotate',
    summary:
      'Creates the successor of an API key, shown once; the key itself stays valid for some hours. A key rotates no wider key',
    access: { permission: 'tokens:write' },
    params: ById,
    body: z.strictObject({
      hours: z.int().min(0).max(168).default(24).describe('How long the old key stays valid'),
    }),
    replies: {
      201: z.strictObject({
        id: z.string(),
        token: z.string(),
        replaces: z.strictObject({ id: z.string(), expiresAt: Time }),
      }),
    },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: {
      body: { hours: 24 },
      replies: {
        201: { id, token: 'mysmtp_TOKEN', replaces: { id, expiresAt: createdAt } },
      },
    },
  },
  deleteToken: {
    method: 'delete',
    path: '/v1/tokens/{id}',
    summary: 'Revokes a token, in every service',
    access: { permission: 'tokens:write' },
    params: ById,
    replies: { 204: 'empty' },
    rateLimit: 'costly',
  },
} as const satisfies ApiDefinition;
