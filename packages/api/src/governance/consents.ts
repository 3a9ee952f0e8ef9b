import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { documentLanguages, exampleHash } from './documents.ts';

const Time = z.iso.datetime();

/** Everything that needs the consent of a person who has an account. All of it is off at first. */
export const consentPurposes = ['product-news'] as const;
export type ConsentPurpose = (typeof consentPurposes)[number];

const Purpose = z.strictObject({ purpose: z.enum(consentPurposes) });
const Sha256 = z.string().regex(/^[\da-f]{64}$/);

const Consent = z.strictObject({
  purpose: z.enum(consentPurposes),
  given: z.boolean(),
  since: Time.nullable().describe('`null`: never given'),
  texts: z
    .array(
      z.strictObject({ language: z.enum(documentLanguages), text: z.string(), sha256: Sha256 }),
    )
    .describe('To be shown before the consent is given'),
});

const consentExample = {
  purpose: 'product-news',
  given: false,
  since: null,
  texts: [{ language: 'en', text: 'You may send me mail about news.', sha256: exampleHash }],
};

export const consentsApi = {
  listConsents: {
    method: 'get',
    path: '/v1/consents',
    summary: 'The own consents: everything that needs one, whether it is given, and its text',
    access: { permission: 'consents:read' },
    replies: { 200: z.strictObject({ consents: z.array(Consent) }) },
    examples: { replies: { 200: { consents: [consentExample] } } },
  },
  giveConsent: {
    method: 'put',
    path: '/v1/consents/{purpose}',
    summary: 'Consents to a text that was shown, by its SHA-256',
    access: { permission: 'consents:write' },
    params: Purpose,
    body: z.strictObject({ sha256: Sha256 }),
    replies: { 204: 'empty' },
    errors: ['conflict'],
    examples: { body: { sha256: exampleHash } },
  },
  withdrawConsent: {
    method: 'delete',
    path: '/v1/consents/{purpose}',
    summary: 'Withdraws a consent, at once',
    access: { permission: 'consents:write' },
    params: Purpose,
    replies: { 204: 'empty' },
    whileStopped: true,
  },
} as const satisfies ApiDefinition;
