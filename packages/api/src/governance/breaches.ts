import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { trimmed } from '../schemas/text.ts';
import { documentLanguages, Section } from './documents.ts';

const Time = z.iso.datetime();

/** Text of a human, of several lines. */
const Prose = trimmed(4_000);

const particulars = {
  nature: Prose.describe('What happened'),
  consequences: Prose.describe('What probably follows for the persons concerned'),
  measures: Prose.describe('What was done and is planned'),
  stores: z.array(z.string()).min(1).max(100).describe('Ids of the stores in the registry'),
  tenants: z
    .array(Id)
    .max(1_000)
    .describe('Ids of the customers concerned. Empty: all of them, or unknown'),
};

/**
 * What a human decides about a breach. `-not-needed`: with the reason why (GDPR Art. 33(1), 34). A decision
 * about the authority or the customers stops its clock.
 */
const breachDecisions = [
  'authority-told',
  'authority-not-needed',
  'customers-told',
  'customers-not-needed',
  'persons-told',
  'persons-not-needed',
  'note',
  'closed',
] as const;
export type BreachDecision = (typeof breachDecisions)[number];

const summary = {
  id: z.string(),
  awareAt: Time,
  authorityDueAt: Time,
  customersDueAt: Time,
  authoritySettledAt: Time.nullable(),
  customersSettledAt: Time.nullable(),
  closedAt: Time.nullable(),
};

const Breach = z.strictObject({
  ...summary,
  ...particulars,
  entries: z.array(
    z.strictObject({
      at: Time,
      by: z.string().describe('Who recorded it'),
      kind: z.enum(['recorded', ...breachDecisions]),
      reason: z.string().nullable(),
    }),
  ),
});

const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
const at = '2026-11-30T12:00:00.000Z';

const exampleSummary = {
  id,
  awareAt: at,
  authorityDueAt: '2026-12-03T12:00:00.000Z',
  customersDueAt: '2026-12-01T12:00:00.000Z',
  authoritySettledAt: null,
  customersSettledAt: null,
  closedAt: null,
};

const exampleParticulars = {
  nature: 'A laptop with an API key of an operator was stolen.',
  consequences: 'Ids and times of erasures could be read.',
  measures: 'The key was revoked.',
  stores: ['privacy.erasures'],
  tenants: [],
};

const OfBreach = z.strictObject({ id: Id });

export const breachesApi = {
  recordBreach: {
    method: 'post',
    path: '/v1/breaches',
    summary:
      'Records that a human is aware of a breach (GDPR Art. 33): the clocks start at `awareAt`',
    access: { permission: 'breaches:write' },
    body: z.strictObject({ awareAt: Time, ...particulars }),
    replies: { 201: z.strictObject({ id: z.string() }) },
    headers: { location: 'URL of the breach' },
    examples: {
      body: { awareAt: at, ...exampleParticulars },
      replies: { 201: { id } },
    },
  },
  listBreaches: {
    method: 'get',
    path: '/v1/breaches',
    summary: 'The register of breaches, newest first',
    access: { permission: 'breaches:read' },
    replies: { 200: z.strictObject({ breaches: z.array(z.strictObject(summary)) }) },
    examples: { replies: { 200: { breaches: [exampleSummary] } } },
  },
  showBreach: {
    method: 'get',
    path: '/v1/breaches/{id}',
    summary: 'A breach with everything that was recorded about it',
    access: { permission: 'breaches:read' },
    params: OfBreach,
    replies: { 200: Breach },
    examples: {
      replies: {
        200: {
          ...exampleSummary,
          ...exampleParticulars,
          entries: [{ at, by: `person:${id}`, kind: 'recorded', reason: null }],
        },
      },
    },
  },
  decideBreach: {
    method: 'post',
    path: '/v1/breaches/{id}/decisions',
    summary: 'Records what was decided about a breach, with the reason; nothing is ever changed',
    access: { permission: 'breaches:write' },
    params: OfBreach,
    body: z.strictObject({ decision: z.enum(breachDecisions), reason: Prose }),
    replies: { 204: 'empty' },
    errors: ['conflict'],
    examples: { body: { decision: 'authority-told', reason: 'By its form, number 4711' } },
  },
  draftBreachNotice: {
    method: 'get',
    path: '/v1/breaches/{id}/draft',
    summary: 'A draft of the notice to the authority (GDPR Art. 33(3)), with counts of records',
    access: { permission: 'breaches:read' },
    params: OfBreach,
    query: z.strictObject({ language: z.enum(documentLanguages).optional() }),
    replies: {
      200: z.strictObject({
        language: z.enum(documentLanguages),
        title: z.string(),
        sections: z.array(Section),
      }),
    },
    page: true,
    headers: { 'content-language': 'Language of the draft' },
    rateLimit: 'costly',
    examples: { replies: { 200: { language: 'en', title: 'Draft', sections: [] } } },
  },
} as const satisfies ApiDefinition;
