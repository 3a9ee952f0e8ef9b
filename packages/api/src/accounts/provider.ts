import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { line } from '../schemas/text.ts';
import {
  device,
  expiresAt,
  FactorRequest,
  factorRequest,
  id,
  LinkSecret,
  secret,
  Session,
  Time,
} from './schemas.ts';

const Domain = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$/, 'must be a domain name in lower case');

const settings = {
  issuer: z
    .string()
    .max(500)
    .regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[\w.~/-]*)?$/, 'must be an https URL')
    .describe('Issuer identifier of the provider'),
  clientId: line(500).describe('What the provider calls us'),
  domains: z
    .array(Domain)
    .min(1)
    .max(50)
    .describe('Only addresses in these domains; each must be a verified domain of the tenant'),
  joinAs: z
    .enum(['developer', 'reader'])
    .nullable()
    .default(null)
    .describe('Role of a person who has no account and no invitation; null refuses them'),
  acceptsFactor: z
    .boolean()
    .default(false)
    .describe(
      'Whether a second factor at the provider counts as ours, if it was presented within five minutes (`amr` has `mfa`, or `acr` is one of `factorContexts`). Never for the owner',
    ),
  factorContexts: z.array(line(200)).max(10).default([]),
} as const;

const Provider = z.strictObject({
  ...settings,
  redirectUri: z.string().describe('Must be registered at the provider'),
});

const example = {
  issuer: 'https://login.example.org',
  clientId: 'mysmtp',
  domains: ['example.org'],
  joinAs: null,
  acceptsFactor: false,
  factorContexts: [],
};
const shown = { ...example, redirectUri: 'https://console.example.com/sign-in/provider' };

const forEverybody = { access: { public: true }, rateLimit: 'sign-in' } as const;

/** Sign-in by the OpenID provider of a tenant, in place of the password. */
export const providerApi = {
  readSignInProvider: {
    method: 'get',
    path: '/v1/sign-in-provider',
    summary: 'The OpenID provider by which the people of the tenant sign in, without its secret',
    access: { permission: 'sign-in-provider:read', ofTenant: true },
    replies: { 200: Provider },
    examples: { replies: { 200: shown } },
  },
  configureSignInProvider: {
    method: 'put',
    path: '/v1/sign-in-provider',
    summary:
      'Configures the provider, which must answer. Another issuer or client needs its secret',
    access: { permission: 'sign-in-provider:write', ofTenant: true },
    body: z.strictObject({
      ...settings,
      clientSecret: z.string().min(1).max(1_000).optional().describe('Never shown again'),
    }),
    replies: { 200: Provider },
    errors: ['conflict'],
    rateLimit: 'sign-in',
    examples: { body: { ...example, clientSecret: 'SECRET' }, replies: { 200: shown } },
  },
  removeSignInProvider: {
    method: 'delete',
    path: '/v1/sign-in-provider',
    summary: 'Removes the provider. People who have no password reset it',
    access: { permission: 'sign-in-provider:write', ofTenant: true },
    replies: { 204: 'empty' },
    rateLimit: 'costly',
  },
  beginProviderSignIn: {
    ...forEverybody,
    method: 'post',
    path: '/v1/sign-ins/provider',
    summary: 'Begins a sign-in by the provider of a tenant. The browser goes to the URL',
    body: z.strictObject({ tenant: Id, device }),
    replies: {
      200: z.strictObject({ challenge: z.string(), url: z.string(), expiresAt: Time }),
    },
    errors: ['not-found', 'unavailable'],
    examples: {
      body: { tenant: id, device: 'Firefox' },
      replies: {
        200: {
          challenge: secret,
          url: 'https://login.example.org/auth?client_id=mysmtp',
          expiresAt,
        },
      },
    },
  },
  finishProviderSignIn: {
    ...forEverybody,
    method: 'post',
    path: '/v1/sign-ins/provider/finish',
    summary:
      'Takes the answer of the provider. Answers what to present next, or with a session; without a second factor it can only enrol one',
    body: z.strictObject({
      challenge: LinkSecret,
      parameters: z
        .string()
        .max(8_192)
        .describe('The query with which the browser came back from the provider'),
    }),
    replies: { 200: z.union([FactorRequest, Session]) },
    errors: ['wrong-credentials', 'sign-in-refused', 'not-found', 'unavailable'],
    examples: {
      body: { challenge: secret, parameters: 'code=CODE&state=STATE' },
      replies: { 200: factorRequest },
    },
  },
} as const satisfies ApiDefinition;
