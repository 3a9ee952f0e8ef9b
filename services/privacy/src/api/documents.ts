import { documentLanguages, privacyApi, type DocumentKind } from '@mysmtp/api';
import { escapeHtml, problems, type Handlers } from '@mysmtp/http';
import type { Clock } from '@mysmtp/service';
import {
  documentsIn,
  inForce,
  listEditions,
  stateOf,
  type Editions,
} from '../documents/editions.ts';
import type { OperatorFacts } from '../documents/operator.ts';
import { text, type Language, type Section } from '../documents/text.ts';

interface Deps {
  readonly editions: Editions;
  readonly facts: Pick<OperatorFacts, 'privacyUrl'>;
  readonly clock: Clock;
}

type DocumentHandlers = Pick<
  Handlers<typeof privacyApi>,
  | 'showNotice'
  | 'showRecords'
  | 'showAnnexes'
  | 'showSubProcessors'
  | 'listEditions'
  | 'announcement'
>;

export function documentHandlers(deps: Deps): DocumentHandlers {
  return {
    showNotice: (request) => show('notice', request, deps),
    showRecords: (request) => show('records', request, deps),
    showAnnexes: (request) => show('annexes', request, deps),
    showSubProcessors: (request) => show('sub-processors', request, deps),
    async announcement() {
      const next = (await dated(deps)).all.find(({ state }) => state === 'announced');
      if (next === undefined) return { status: 200, body: { announcement: null } };
      const page = new URL(privacyApi.showNotice.path, deps.facts.privacyUrl);
      page.searchParams.set('edition', String(next.number));
      const effectiveAt = Date.parse(next.effectiveAt);
      const announcement = { edition: next.number, effectiveAt, page: page.href };
      return { status: 200, body: { announcement } };
    },
    listEditions: async () => ({ status: 200, body: { editions: (await dated(deps)).all } }),
  };
}

/** The editions as the API shows them. */
async function dated({ editions, clock }: Deps) {
  const known = await listEditions(editions);
  const now = clock.now();
  const all = known.map((one) => ({
    number: one._id,
    state: stateOf(one, known, now),
    announcedAt: one.announcedAt.toISOString(),
    effectiveAt: one.effectiveAt.toISOString(),
    sha256: one.sha256,
  }));
  return { all, current: inForce(known, now)?._id };
}

type Edition = Awaited<ReturnType<typeof dated>>['all'][number];

type Asked = Pick<Parameters<DocumentHandlers['showNotice']>[0], 'query' | 'languages'>;

async function show(kind: DocumentKind, { query, languages }: Asked, deps: Deps) {
  const { all, current } = await dated(deps);
  const number = query.edition ?? current;
  const edition = all.find((one) => one.number === number);
  const found = await deps.editions.findById(number).lean();
  if (found === null || edition === undefined) throw problems.notFound();
  const language = query.language ?? preferred(languages);
  const { title, sections } = documentsIn(found)[kind];
  const { shown, main } = contentOf(sections, language);
  const body = {
    kind,
    language,
    title: title[language],
    edition,
    next: all.find(({ state }) => state === 'announced') ?? null,
    sections: shown,
  };
  return {
    status: 200 as const,
    headers: { 'content-language': language },
    body,
    page: { language, title: body.title, main: `${versionOf(body)}\n${main}` },
  };
}

/** The first one that we have: `de-AT` is German. */
export const preferred = (languages: readonly string[]): Language =>
  languages
    .map((one) => documentLanguages.find((ours) => one.toLowerCase().split('-')[0] === ours))
    .find((one) => one !== undefined) ?? 'en';

const inLanguage = ({ id, articles, title, paragraphs, table }: Section, language: Language) => ({
  id,
  articles: [...articles],
  title: title[language],
  paragraphs: paragraphs.map((one) => one[language]),
  table:
    table === undefined
      ? null
      : {
          head: table.head.map((one) => one[language]),
          rows: table.rows.map((row) => row.map((cell) => cell[language])),
        },
});

/** Sections in one language, as JSON and as HTML. */
export function contentOf(sections: readonly Section[], language: Language) {
  const shown = sections.map((section) => inLanguage(section, language));
  return { shown, main: shown.map(sectionOf).join('\n') };
}

function versionOf({
  language,
  edition,
  next,
}: {
  readonly language: Language;
  readonly edition: Edition;
  readonly next: Edition | null;
}): string {
  const version = text(
    `Version ${String(edition.number)} of ${dateOf(edition.effectiveAt)}, SHA-256 ${edition.sha256}`,
    `Fassung ${String(edition.number)} vom ${dateOf(edition.effectiveAt)}, SHA-256 ${edition.sha256}`,
  );
  const upcoming =
    next === null
      ? []
      : [
          text(
            `Version ${String(next.number)} takes effect on ${dateOf(next.effectiveAt)}.`,
            `Fassung ${String(next.number)} gilt ab ${dateOf(next.effectiveAt)}.`,
          ),
        ];
  return [
    otherLanguage[language],
    ...[version, ...upcoming].map((one) => tag('p', escapeHtml(one[language]))),
  ].join('\n');
}

const otherLanguage: Readonly<Record<Language, string>> = {
  en: '<p><a href="?language=de" lang="de" hreflang="de">Deutsch</a></p>',
  de: '<p><a href="?language=en" lang="en" hreflang="en">English</a></p>',
};

function sectionOf({
  id,
  articles,
  title,
  paragraphs,
  table,
}: ReturnType<typeof inLanguage>): string {
  const row = (cells: readonly string[], cell: 'td' | 'th') =>
    tag('tr', cells.map((one) => tag(cell, escapeHtml(one))).join(''));
  return [
    `<section id="${escapeHtml(id)}">`,
    tag('h2', escapeHtml(title)),
    ...paragraphs.map((one) => tag('p', escapeHtml(one))),
    ...(table === null
      ? []
      : [
          // A wide table is scrolled, also by keyboard.
          `<div class="wide" role="region" tabindex="0" aria-label="${escapeHtml(title)}">`,
          `<table><thead>${row(table.head, 'th')}</thead>`,
          `<tbody>${table.rows.map((cells) => row(cells, 'td')).join('\n')}</tbody></table></div>`,
        ]),
    tag('small', escapeHtml(`GDPR / DSGVO: ${articles.join(', ')}`)),
    '</section>',
  ].join('\n');
}

const tag = (name: string, content: string): string => `<${name}>${content}</${name}>`;

const dateOf = (time: string): string => time.slice(0, 10);
