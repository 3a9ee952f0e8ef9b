import { glob, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import * as contracts from '../src/index.ts';
import {
  IdentityChange,
  isStatus,
  KeysDropped,
  KeysGiven,
  MessageEvents,
  reader,
  SnapshotResponse,
  Standing,
} from '../src/index.ts';
import { messages, samples } from './messages.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const manifest = await readFile(path.join(import.meta.dirname, '../package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { readonly version: string };

/** Messages of a release must not change. For a new release run this with `-u`: it gets its own folder. */
test.each(Object.entries(messages))('%s is written as in its fixture', async (name, schema) => {
  const written = (samples[name] ?? []).map((sample) => schema.parse(sample));
  expect(written).not.toEqual([]);
  const file = path.join(fixtures, version, `${name}.json`);
  await expect(`${JSON.stringify(written, null, 2)}\n`).toMatchFileSnapshot(file);
});

describe.each(await readdir(fixtures))('release %s', async (release) => {
  const files = await readdir(path.join(fixtures, release));

  test.each(files)('%s is read, also with unknown fields', async (file) => {
    const schema = messages[path.basename(file, '.json')];
    if (schema === undefined) throw new Error(`No reader for ${file}: remove it`);
    const content = await readFile(path.join(fixtures, release, file), 'utf8');
    for (const message of JSON.parse(content) as readonly unknown[]) {
      const read = reader(schema).parse(message);
      if (release === version) expect(read).toEqual(message);
      for (const more of withAddedField(message)) {
        expect(reader(schema).parse(more)).toEqual(read);
        expect(schema.safeParse(more).success).toBe(false);
      }
    }
  });
});

test('no reader parses a message with its strict schema, which refuses additions of a newer release', async () => {
  const schemas = new Set<unknown>(Object.values(messages));
  const names = Object.entries(contracts).flatMap(([name, it]) => (schemas.has(it) ? name : []));
  expect(names).toContain('MessageEvents');
  const strict = new RegExp(String.raw`\b(?:${names.join('|')})\.(?:safeP|p)arse\(`);
  const root = path.resolve(import.meta.dirname, '../../..');
  const found: string[] = [];
  for await (const file of glob('{services,packages}/*/src/**/*.ts', { cwd: root })) {
    if (strict.test(await readFile(path.join(root, file), 'utf8'))) found.push(file);
  }
  expect(found).toEqual([]);
});

const added = { name: 'of tomorrow', deep: [{ er: true }] };

/** The message again for each object in it, at every depth, with an added field in that object. */
function* withAddedField(value: unknown): Generator {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      for (const more of withAddedField(item)) yield value.with(at, more);
    }
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, addedLater: added };
    for (const [name, field] of Object.entries(value)) {
      for (const more of withAddedField(field)) yield { ...value, [name]: more };
    }
  }
}

describe('an unknown word', () => {
  const change = (entity: string, state: object) => ({ v: 1, entity, id: 'a', version: 1, state });
  const readChange = (entity: string, state: object) =>
    reader(IdentityChange).safeParse(change(entity, state)).data?.state;

  test('of a tenant or a domain gets the safe meaning', () => {
    expect(readChange('tenant', { status: 'archived' })).toEqual({ status: 'suspended' });
    const domain = { tenant: 't', name: 'n', nameIndex: 'i' };
    expect(readChange('domain', { ...domain, signing: 'both' })).toEqual({
      ...domain,
      signing: 'ours',
    });
    const later = { ...domain, signing: 'ours', status: 'delegated', dkim: 'rotating' };
    expect(readChange('domain', later)).toEqual({
      ...later,
      status: 'unverified',
      dkim: 'missing',
    });
  });

  test('of a credential, a token or an entity grants nothing, and does not block the other entities of a snapshot', () => {
    const credential = change('credential', { kind: 'passkey', tenant: 't' });
    const token = change('token', { role: 'auditor', tenant: 't', hash: 'h' });
    const webhook = change('webhook', { tenant: 't' });
    for (const one of [credential, token, webhook]) {
      expect(reader(IdentityChange).safeParse(one).success).toBe(false);
    }
    const known = change('tenant', { status: 'active' });
    const page = { changes: [credential, known, token, webhook], next: null };
    expect(reader(SnapshotResponse).parse(page).changes).toEqual([
      { entity: 'credential', id: 'a' },
      known,
      { entity: 'token', id: 'a' },
      { entity: 'webhook', id: 'a' },
    ]);
  });

  test('of a state of mail is passed on unchanged', () => {
    const [{ events }] = samples['message-events'] as [{ events: [object] }];
    const event = { ...events[0], status: 'suppressed' };
    expect(reader(MessageEvents).parse({ v: 1, events: [event] }).events).toEqual([event]);
    expect(isStatus('suppressed')).toBe(false);
    const text = { ...event, status: 'Not a word: sender@example.org' };
    expect(reader(MessageEvents).safeParse({ v: 1, events: [text] }).success).toBe(false);
  });

  test('of a key or of a permitted action is left out; an unknown state of keys counts as `unknown`', () => {
    const [given] = samples['signed-keysGiven'] as [object];
    // The octets of the keys are in the order of the ids, so all ids stay (packages/keys leaves unknown
    // ones out).
    const ids = ['account', 'webhook:2026-11-24'];
    const more = { ...given, state: 'paused', ids, destroyed: ['index', 'webhook'] };
    expect(reader(KeysGiven).parse(more)).toEqual({
      ...more,
      state: 'unknown',
      destroyed: ['index'],
    });
    expect(reader(Standing).parse({ known: true, may: ['copy', 'purge'] }).may).toEqual(['purge']);
  });

  test('of a destroyed key is not left out: the complete message is unreadable', () => {
    const dropped = { v: 1, tenant: null, ids: ['index', 'webhook'] };
    expect(reader(KeysDropped).safeParse(dropped).success).toBe(false);
  });

  test('is never written', () => {
    const page = { changes: [change('tenant', { status: 'archived' })], next: null };
    expect(SnapshotResponse.safeParse(page).success).toBe(false);
    const [given] = samples['signed-keysGiven'] as [object];
    expect(KeysGiven.safeParse({ ...given, state: 'paused' }).success).toBe(false);
    expect(KeysGiven.safeParse({ ...given, ids: ['webhook'] }).success).toBe(false);
  });
});
