import { Id, LegalBasis } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { NetworkCidr } from '../schemas/network.ts';
import { SenderPin } from '../schemas/sender-pin.ts';
import { line } from '../schemas/text.ts';
import { ById, createdAt, id, OfTenant, password, Password, Time } from './common.ts';

const Credential = z.strictObject({
  id: z.string(),
  type: z.enum(['password', 'network']),
  label: z.string().nullable(),
  username: z.string().optional(),
  network: z.string().optional(),
  createdAt: Time,
  lastUsedAt: Time.nullable().describe('Exact to about a minute'),
  senders: z.array(z.string()).nullable(),
  networks: z.array(z.string()).nullable(),
  sandbox: z.boolean(),
  expiresAt: Time.nullable(),
  purpose: z.string().nullable(),
  basis: LegalBasis.nullable(),
  previousUntil: Time.nullable().describe('Until when the password before a rotation is valid'),
});

const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(100);

/** What a customer decides about a credential. */
const credentialSettings = {
  label: line(100),
  senders: list(SenderPin).describe('The only addresses and domains from which it may send'),
  networks: list(NetworkCidr).describe('The only client networks; not for a network credential'),
  expiresAt: Time,
  purpose: line(200).describe('What the mail is sent for'),
  basis: LegalBasis.describe('The legal basis of the mail (GDPR Art. 6(1))'),
};
const sandbox = z.boolean().describe('Mail is accepted and logged, and never delivered');
const { label, senders, networks, expiresAt, purpose, basis } = credentialSettings;

/** Maximum overlap of two passwords. Minutes. */
const longestOverlap = 30 * 24 * 60;

const credential = {
  id,
  type: 'password',
  label: null,
  createdAt,
  lastUsedAt: null,
  senders: null,
  networks: null,
  sandbox: false,
  expiresAt: null,
  purpose: null,
  basis: null,
  previousUntil: null,
};

export const credentialsApi = {
  listCredentials: {
    method: 'get',
    path: '/v1/credentials',
    summary: "A tenant's credentials, without their secrets",
    access: { permission: 'credentials:read' },
    query: OfTenant,
    replies: { 200: z.strictObject({ credentials: z.array(Credential) }) },
    examples: {
      replies: {
        200: {
          credentials: [
            { ...credential, type: 'network', label: 'printers', network: '192.0.2.0/28' },
          ],
        },
      },
    },
  },
  createCredential: {
    method: 'post',
    path: '/v1/credentials',
    summary:
      'Creates a credential: a user name and password, shown once, or a network. With an API key that has networks or an end, the credential has them, too',
    access: { permission: 'credentials:write' },
    body: z.strictObject({
      label: label.optional(),
      senders: senders.optional(),
      networks: networks.optional(),
      sandbox: sandbox.optional(),
      expiresAt: expiresAt.optional(),
      purpose: purpose.optional(),
      basis: basis.optional(),
      network: NetworkCidr.optional().describe('Only an operator may name one'),
      tenant: Id.optional(),
    }),
    replies: {
      201: z.union([Password, z.strictObject({ id: z.string(), network: z.string() })]),
    },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: {
      body: { label: 'web shop', senders: ['shop@example.org'], basis: 'contract' },
      replies: { 201: password },
    },
  },
  changeCredential: {
    method: 'patch',
    path: '/v1/credentials/{id}',
    summary: 'Changes what a credential may do and how it is described; `null` removes a value',
    access: { permission: 'credentials:write', ofTenant: true },
    params: ById,
    body: z.strictObject({
      label: label.nullable().optional(),
      senders: senders.nullable().optional(),
      networks: networks.nullable().optional(),
      sandbox: sandbox.optional(),
      expiresAt: expiresAt.nullable().optional(),
      purpose: purpose.nullable().optional(),
      basis: basis.nullable().optional(),
    }),
    replies: { 200: Credential },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: {
      body: { sandbox: false, senders: null },
      replies: { 200: { ...credential, username: password.username } },
    },
  },
  rotateCredential: {
    method: 'post',
    path: '/v1/credentials/{id}/rotate',
    summary: 'Gives a credential a new password, shown once; the old one stays valid for a while',
    access: { permission: 'credentials:write', ofTenant: true },
    params: ById,
    body: z.strictObject({
      overlapMinutes: z
        .int()
        .min(0)
        .max(longestOverlap)
        .default(24 * 60)
        .describe('How long the old password stays valid'),
    }),
    replies: { 200: Password.extend({ previousUntil: Time.nullable() }) },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: {
      body: { overlapMinutes: 60 },
      replies: { 200: { ...password, previousUntil: '2026-01-31T13:00:00.000Z' } },
    },
  },
  deleteCredential: {
    method: 'delete',
    path: '/v1/credentials/{id}',
    summary: 'Revokes a credential, also in open sessions',
    access: { permission: 'credentials:write' },
    params: ById,
    replies: { 204: 'empty' },
    rateLimit: 'costly',
  },
} as const satisfies ApiDefinition;
