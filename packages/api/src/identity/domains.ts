import { DomainStatus, Id, Signing } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { DomainName } from '../schemas/domain-name.ts';
import { line } from '../schemas/text.ts';
import { ById, id, OfTenant, Time } from './common.ts';

const Domain = z.strictObject({
  id: z.string(),
  name: z.string(),
  signing: Signing,
  status: DomainStatus.describe('Mail from an unverified domain is refused'),
});

export const Vouch = z.strictObject({
  reason: line(500).describe('Why the operator knows that the domain is the tenant’s'),
  withoutDns: z
    .boolean()
    .default(false)
    .describe(
      'Use the domain without a lookup in DNS: sign with a key that DNS does not publish too',
    ),
});

/** The kinds of records of a sender domain, in the order in which they are shown. */
export const DomainRecordKind = z.enum([
  'ownership',
  'dkim',
  'dkim-ed25519',
  'spf',
  'dmarc',
  'mx',
  'return-path',
  'mta-sts',
  'tls-rpt',
]);
export type DomainRecordKind = z.infer<typeof DomainRecordKind>;

const DomainRecord = z.strictObject({
  kind: DomainRecordKind,
  name: z.string(),
  type: z.enum(['TXT', 'CNAME', 'MX']),
  value: z.string().nullable().describe('Ready to paste; null if only you can decide it'),
  need: z
    .enum(['required', 'recommended', 'optional'])
    .describe(
      'required: without it mail is refused or not signed; recommended: without it receivers distrust mail',
    ),
  purpose: z.string(),
  state: z
    .enum(['ok', 'missing', 'different', 'error', 'unchecked'])
    .describe('different: there is one, and it does something else; error: DNS did not answer'),
  found: z.array(z.string()).describe('What DNS has'),
});

const CheckedDomain = z.strictObject({
  domain: Domain,
  taken: z
    .boolean()
    .describe('Another account may send from the domain, although DNS has your challenge'),
  checkedAt: Time.nullable(),
  records: z.array(DomainRecord),
});

const domain = { id, name: 'example.org', signing: 'ours', status: 'unverified' };
const checkedDomain = {
  domain,
  taken: false,
  checkedAt: '2026-01-31T12:00:00.000Z',
  records: [
    {
      kind: 'ownership',
      name: '_mysmtp-challenge.example.org',
      type: 'TXT',
      value: 'mysmtp-domain=CHALLENGE',
      need: 'required',
      purpose: 'Shows that the domain is yours',
      state: 'missing',
      found: [],
    },
  ],
};
const reason = 'Their contract of 2026-01-31 names it';

export const domainsApi = {
  listDomains: {
    method: 'get',
    path: '/v1/domains',
    summary: "A tenant's sender domains",
    access: { permission: 'domains:read', ofDomain: 'handler' },
    query: OfTenant,
    replies: { 200: z.strictObject({ domains: z.array(Domain) }) },
    examples: { replies: { 200: { domains: [domain] } } },
  },
  createDomain: {
    method: 'post',
    path: '/v1/domains',
    summary: 'Adds a sender domain, unverified unless an operator vouches for it',
    access: { permission: 'domains:create' },
    body: z.strictObject({
      name: DomainName,
      tenant: Id.optional(),
      vouch: Vouch.optional().describe('Only by an operator'),
    }),
    replies: { 201: Domain },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: { body: { name: 'example.org' }, replies: { 201: domain } },
  },
  vouchForDomain: {
    method: 'post',
    path: '/v1/domains/{id}/vouch',
    summary: 'States that a domain is the tenant’s, for a reason that is recorded',
    access: { permission: 'domains:vouch' },
    params: ById,
    body: Vouch,
    replies: { 200: Domain },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: { body: { reason }, replies: { 200: { ...domain, status: 'vouched' } } },
  },
  endVouch: {
    method: 'delete',
    path: '/v1/domains/{id}/vouch',
    summary: 'Ends a vouch: the domain is unverified until DNS shows its ownership record',
    access: { permission: 'domains:vouch' },
    params: ById,
    replies: { 200: Domain },
    rateLimit: 'costly',
    examples: { replies: { 200: domain } },
  },
  changeDomain: {
    method: 'patch',
    path: '/v1/domains/{id}',
    summary: "Sets who signs a domain's mail: we, or the customer before submission",
    access: { permission: 'domains:write', ofDomain: 'path' },
    params: ById,
    body: z.strictObject({ signing: Signing }),
    replies: { 200: Domain },
    rateLimit: 'costly',
    examples: {
      body: { signing: 'customer' },
      replies: { 200: { ...domain, signing: 'customer' } },
    },
  },
  readDomainRecords: {
    method: 'get',
    path: '/v1/domains/{id}/records',
    summary: 'The DNS records that a domain should have, with the results of the last check',
    access: { permission: 'domains:read', ofDomain: 'path' },
    params: ById,
    replies: { 200: CheckedDomain },
    examples: { replies: { 200: checkedDomain } },
  },
  checkDomain: {
    method: 'post',
    path: '/v1/domains/{id}/check',
    summary: 'Checks the DNS records of a domain now, at most every 30 seconds',
    access: { permission: 'domains:write', ofDomain: 'path' },
    params: ById,
    replies: { 200: CheckedDomain },
    rateLimit: 'costly',
    examples: { replies: { 200: checkedDomain } },
  },
  deleteDomain: {
    method: 'delete',
    path: '/v1/domains/{id}',
    summary: 'Removes a sender domain: mail from it is no longer accepted',
    access: { permission: 'domains:write', ofDomain: 'path' },
    params: ById,
    replies: { 204: 'empty' },
    rateLimit: 'costly',
  },
} as const satisfies ApiDefinition;
