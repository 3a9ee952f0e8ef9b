import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';

const Time = z.iso.datetime();

/** The documents that privacy generates from the registry and the facts about the operator. */
export const documentKinds = ['notice', 'records', 'annexes', 'sub-processors'] as const;
export type DocumentKind = (typeof documentKinds)[number];

export const documentLanguages = ['en', 'de'] as const;

const Edition = z.strictObject({
  number: z.int().min(1),
  state: z
    .enum(['announced', 'effective', 'replaced'])
    .describe(
      '`announced`: it takes effect later. `replaced`: a newer one is in force, or announced',
    ),
  announcedAt: Time,
  effectiveAt: Time,
  sha256: z.string().describe('Of all documents of the edition'),
});

const Table = z.strictObject({ head: z.array(z.string()), rows: z.array(z.array(z.string())) });

export const Section = z.strictObject({
  id: z.string(),
  articles: z.array(z.string()).describe('What it states, by articles of the GDPR'),
  title: z.string(),
  paragraphs: z.array(z.string()),
  table: Table.nullable(),
});

const Document = z.strictObject({
  kind: z.enum(documentKinds),
  language: z.enum(documentLanguages),
  title: z.string(),
  edition: Edition,
  next: Edition.nullable().describe('The edition that is announced'),
  sections: z.array(Section),
});

const DocumentQuery = z.strictObject({
  language: z.enum(documentLanguages).optional().describe('The default is by Accept-Language'),
  edition: z.coerce
    .number<string>()
    .int()
    .min(1)
    .optional()
    .describe('Number of an edition. The default is the one in force'),
});

const at = '2026-11-30T12:00:00.000Z';
/** An example. */
export const exampleHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const edition = {
  number: 1,
  state: 'effective',
  announcedAt: at,
  effectiveAt: at,
  sha256: exampleHash,
};

const documentRoute = {
  method: 'get',
  query: DocumentQuery,
  replies: { 200: Document },
  page: true,
  headers: { 'content-language': 'Language of the document' },
  errors: ['not-found'],
} as const;

/** A permission makes `not-found` a problem of the route already. */
const { errors: _, ...documentOfOperators } = documentRoute;

export const documentsApi = {
  showNotice: {
    ...documentRoute,
    path: '/v1/notice',
    summary: 'The privacy notice (GDPR Art. 12 to 14), for people',
    access: { public: true },
  },
  showSubProcessors: {
    ...documentRoute,
    path: '/v1/sub-processors',
    summary: 'The sub-processors (GDPR Art. 28(2))',
    access: { public: true },
  },
  showAnnexes: {
    ...documentRoute,
    path: '/v1/annexes',
    summary: 'The annexes of the data processing agreement (GDPR Art. 28(3))',
    access: { public: true },
  },
  showRecords: {
    ...documentOfOperators,
    path: '/v1/records',
    summary: 'The records of processing activities (GDPR Art. 30(1) and (2))',
    access: { permission: 'records:read' },
    examples: {
      replies: {
        200: {
          kind: 'records',
          language: 'en',
          title: 'Records of processing activities',
          edition,
          next: null,
          sections: [],
        },
      },
    },
  },
  listEditions: {
    method: 'get',
    path: '/v1/editions',
    summary: 'All editions of the documents, with their dates: also announced and replaced ones',
    access: { public: true },
    replies: { 200: z.strictObject({ editions: z.array(Edition) }) },
  },
} as const satisfies ApiDefinition;
