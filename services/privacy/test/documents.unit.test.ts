import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DocumentKind } from '@mysmtp/api';
import { keptUnderKeys, registry } from '@mysmtp/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { categoryOfCollection } from '../src/documents/categories.ts';
import { generate, type Documents } from '../src/documents/generate.ts';
import { readOperatorFacts, type OperatorFacts } from '../src/documents/operator.ts';
import { keptOf } from '../src/documents/parts.ts';
import { processingOf, settingOf } from '../src/documents/processing.ts';
import { languages, type Text } from '../src/documents/text.ts';
import { exampleOperator } from './running-service.ts';

/** As the defaults of privacy. */
const days = { mail: 7, events: 31 };
const facts = await readOperatorFacts(exampleOperator);
const { documents } = generate(registry, facts, days);

/** What each document must state. The notice of Art. 14 differs from that of Art. 13 in a few points. */
const required: readonly (readonly [DocumentKind, readonly string[]])[] = [
  [
    'notice',
    [
      '12(1)',
      ...'abcdef'.split('').map((letter) => `13(1)(${letter})`),
      ...'abcdef'.split('').map((letter) => `13(2)(${letter})`),
      '13(3)',
      ...'abcdef'.split('').map((letter) => `14(1)(${letter})`),
      ...'abcdefg'.split('').map((letter) => `14(2)(${letter})`),
      '14(4)',
    ],
  ],
  [
    'records',
    [
      ...'abcdefg'.split('').map((letter) => `30(1)(${letter})`),
      ...'abcd'.split('').map((letter) => `30(2)(${letter})`),
    ],
  ],
  [
    'annexes',
    [
      '28(2)',
      '28(3) subject-matter',
      '28(3) duration',
      '28(3) nature and purpose',
      '28(3) type of data',
      '28(3) categories of data subjects',
      ...'abcdefgh'.split('').map((letter) => `28(3)(${letter})`),
      '28(4)',
      '32',
    ],
  ],
  ['sub-processors', ['28(2)']],
];
const lines = required.flatMap(([kind, articles]) =>
  articles.map((article) => [kind, article] as const),
);

test.each(lines)(
  'Transparency (Art 12–14), records (30), terms (28): %s states %s',
  (kind, article) => {
    const stating = documents[kind].sections.filter(({ articles }) => articles.includes(article));
    expect(stating.length).toBeGreaterThan(0);
    for (const { paragraphs } of stating) expect(paragraphs.length).toBeGreaterThan(0);
  },
);

/** All texts of a document in one language. */
const textsOf = ({ title, sections }: Documents[DocumentKind]): Text[] => [
  title,
  ...sections.flatMap(({ title: own, paragraphs, table }) => [
    own,
    ...paragraphs,
    ...(table === undefined ? [] : [...table.head, ...table.rows.flat()]),
  ]),
];
const all = Object.values(documents).flatMap(textsOf);
const whole = (kind: DocumentKind, of = documents) => JSON.stringify(of[kind]);

test('each fact about the operator is in the document that must name it', () => {
  const notice = whole('notice');
  expect(notice).toContain(facts.name);
  expect(notice).toContain(facts.email);
  expect(notice).toContain(facts.dataProtectionOfficer?.email);
  expect(notice).toContain(facts.supervisoryAuthority.name);
  expect(notice).toContain(`${String(facts.logRetentionDays)} days`);
  for (const kind of ['notice', 'records', 'annexes', 'sub-processors'] as const) {
    for (const { name, task } of facts.subProcessors) {
      expect(whole(kind)).toContain(name);
      expect(whole(kind)).toContain(task.de);
    }
  }
});

test('every store of the registry is in a category, and no category is for a store that does not exist', () => {
  const explained = processingOf(registry, days).flatMap(({ stores }) => stores);
  const held = [...registry.collections, ...registry.queues].filter(
    ({ basis }) => basis !== 'none needed',
  );
  expect(explained.toSorted()).toEqual([...held.map(({ id }) => id), 'log lines'].toSorted());
  const known = registry.collections.map(({ id }) => id);
  const named = Object.keys(categoryOfCollection).filter((id) => !id.startsWith('*.'));
  expect(named.filter((id) => !known.includes(id))).toEqual([]);
});

test('a store that is not explained stops the documents, and a changed one changes them', () => {
  const other = structuredClone(registry);
  const [first] = other.collections.filter(({ id }) => id === 'ingress.recipientSketches');
  if (first === undefined) throw new Error('There is no such store');
  Object.assign(first, { limit: 20 * 86_400_000 + 3_600_000 });
  const changed = generate(other, facts, days);
  expect(whole('notice', changed.documents)).toContain('At most 20 days.');
  expect(changed.processing).not.toBe(generate(registry, facts, days).processing);
  Object.assign(first, { id: 'logging.secrets' });
  expect(() => generate(other, facts, days)).toThrow('logging.secrets has no category');
});

test('periods that an operator sets are stated as the longest that the keys of this installation allow', () => {
  const stated = (of: typeof days) => {
    const text = JSON.stringify(generate(registry, facts, of).documents.notice);
    return [
      /usually seconds, (at most \d+ days); longer/.exec(text)?.[1],
      /As long as we or the customer have set, (at most \d+ days)/.exec(text)?.[1],
    ];
  };
  expect(stated(days)).toEqual(['at most 7 days', 'at most 30 days']);
  expect(stated({ mail: 12, events: 15 })).toEqual(['at most 12 days', 'at most 14 days']);
  const changed = generate(registry, facts, { ...days, mail: 12 });
  expect(changed.processing).not.toBe(generate(registry, facts, days).processing);
  const settings = keptUnderKeys.map(({ setting }) => setting);
  expect(new Set(Object.values(settingOf))).toEqual(new Set(settings));
});

test('a limit of security records is stated beside log lines, whose limit is a fact', () => {
  const [security] = processingOf(registry, days).filter(({ category }) => category === 'security');
  if (security === undefined) throw new Error('There is no such category');
  const kept = (limit: number | null) => keptOf({ ...security, limit }).en;
  expect(kept(null)).not.toContain('Other records');
  expect(kept(366 * 86_400_000)).toMatch(/^Log lines: .+ Other records: at most 366 days, /);
});

test('another wording of a fact is another edition, but no other processing', () => {
  const moved = generate(registry, { ...facts, phone: '+49 69 7654321' }, days);
  const same = generate(registry, facts, days);
  expect(moved.sha256).not.toBe(same.sha256);
  expect(moved.processing).toBe(same.processing);
  const more: OperatorFacts = { ...facts, subProcessors: facts.subProcessors.slice(1) };
  expect(generate(registry, more, days).processing).not.toBe(same.processing);
});

test('every text is in both languages, complete, in sentences that a person can read', () => {
  for (const text of all) {
    for (const language of languages) {
      expect(text[language].trim()).not.toBe('');
      expect(text[language]).not.toMatch(/\{\w+\}|undefined/);
      for (const sentence of text[language].split(/[.:;?] /)) {
        expect(sentence.split(/\s+/).length, sentence).toBeLessThanOrEqual(30);
      }
    }
  }
});

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-operator-'));
});
afterEach(() => rm(dir, { recursive: true }));

test.each([
  ['nothing', '', /^OPERATOR_FILE: is not JSON$/],
  ['no facts', '{}', /^OPERATOR_FILE: name: .*; address: .*; email: /],
  [
    'a place outside the EEA',
    { places: [{ city: 'Zürich', country: 'CH' }] },
    /places\.0\.country: is not in the EEA/,
  ],
  ['too long backups', { backupRetentionDays: 15 }, /backupRetentionDays/],
  [
    'a transfer without a safeguard',
    { subProcessors: [{ ...facts.subProcessors[0], country: 'US' }] },
    /subProcessors\.0\.transfer: is required/,
  ],
  ['a fact that does not exist', { vatId: 'x' }, /^OPERATOR_FILE: : Unrecognized key/],
])('%s in the file of facts is refused with the name of the setting', async (_, wrong, says) => {
  const file = path.join(dir, 'operator.json');
  const text = typeof wrong === 'string' ? wrong : JSON.stringify({ ...facts, ...wrong });
  await writeFile(file, text);
  await expect(readOperatorFacts(file)).rejects.toThrow(says);
});

test('a missing file of facts is refused with the name of the setting', async () => {
  const missing = readOperatorFacts(path.join(dir, 'none.json'));
  await expect(missing).rejects.toThrow('OPERATOR_FILE: cannot be read (ENOENT)');
});
