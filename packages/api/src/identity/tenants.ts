import {
  limitNames,
  planNames,
  plans,
  SomeLimits,
  tenantStatuses,
  type LimitName,
} from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { DomainName } from '../schemas/domain-name.ts';
import { EmailAddress, line } from '../schemas/text.ts';
import { ById, createdAt, id, password, Password, Time } from './common.ts';
import { Vouch } from './domains.ts';

export const TenantName = line(200);
export const OwnerAddress = EmailAddress;

const Plan = z.enum(planNames);

const changesOfLimits = Object.fromEntries(
  limitNames.map((name) => [name, z.int().nonnegative().nullable().optional()]),
) as Record<LimitName, z.ZodOptional<z.ZodNullable<z.ZodInt>>>;

const Tenant = z.strictObject({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  status: z.enum(tenantStatuses),
  plan: Plan,
  limits: SomeLimits.required().describe('All limits in force'),
  createdAt: Time,
});

const tenant = {
  id,
  name: 'Example Ltd',
  owner: null,
  status: 'active',
  plan: 'medium',
  limits: { ...plans.medium, messagesPerDay: 600_000 },
  createdAt,
};

export const tenantsApi = {
  createTenant: {
    method: 'post',
    path: '/v1/tenants',
    summary: 'Registers a customer with a first domain; its secrets are shown once',
    access: { permission: 'tenants:create' },
    body: z.strictObject({
      name: TenantName,
      domain: DomainName,
      owner: OwnerAddress.optional(),
      vouch: Vouch.optional().describe('Without it the customer verifies the domain by DNS'),
      plan: Plan.optional(),
    }),
    replies: {
      201: z.strictObject({
        tenant: z.strictObject({ id: z.string(), name: z.string(), domain: z.string() }),
        ownerToken: z.string(),
        credential: Password,
      }),
    },
    errors: ['conflict'],
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
    examples: {
      replies: {
        200: {
          tenant,
        },
      },
    },
  },
  changeTenant: {
    method: 'patch',
    path: '/v1/tenants/{id}',
    summary: "Sets a customer's plan, and limits of its own in place of those of the plan",
    access: { permission: 'tenants:write' },
    params: ById,
    body: z
      .strictObject({
        plan: Plan.optional(),
        limits: z
          .strictObject(changesOfLimits)
          .optional()
          .describe('`null`: the limit of the plan again. A limit that is left out stays'),
      })
      .refine((body) => Object.keys(body).length > 0, 'must have a plan or limits'),
    replies: { 200: z.strictObject({ plan: Plan, limits: SomeLimits.required() }) },
    rateLimit: 'costly',
    examples: {
      body: { plan: 'medium', limits: { messagesPerDay: 600_000, connections: null } },
      replies: { 200: { plan: 'medium', limits: tenant.limits } },
    },
  },
} as const satisfies ApiDefinition;
