import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test, vi } from 'vitest';
import * as contracts from '../src/index.ts';
import type * as subjects from '../src/subject.ts';
import type { BySubject, Subject } from '../src/subject.ts';
import { aboutPerson, messages, messagesWithSubject, samples } from './messages.ts';

// Other files in this process have loaded the modules, and must not get the replaced one.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.doUnmock('../src/subject.ts');
  vi.resetModules();
});

/** Only a member in the union of subjects. */
vi.mock('../src/subject.ts', async (original) => {
  const { z } = await import('zod');
  const today = await original<typeof subjects>();
  const text = z.string().min(1);
  const person = z.strictObject({ kind: z.literal('person'), tenant: text, person: text });
  const Subject = z.discriminatedUnion('kind', [...today.Subject.options, person]);
  const subjectKinds = Subject.options.map(({ shape }) => shape.kind.value);
  const CommittedSubject = z.strictObject({ kind: z.enum(subjectKinds), commitment: text });
  return { ...today, Subject, subjectKinds, CommittedSubject };
});

test('every message of an erasure is written and read with a new kind of subject', () => {
  const changed = Object.entries(samples).flatMap(([name, all]) =>
    all.flatMap((sample) => {
      const message = aboutPerson(sample);
      return isDeepStrictEqual(message, sample) ? [] : [{ name, message }];
    }),
  );
  expect([...new Set(changed.map(({ name }) => name))].toSorted()).toEqual(messagesWithSubject);
  for (const { name, message } of changed) {
    const schema = messages[name];
    expect(schema?.parse(message), name).toEqual(message);
    expect(schema === undefined ? undefined : contracts.reader(schema).parse(message)).toEqual(
      message,
    );
  }
});

test('a missing case for a new kind of subject is a type error', () => {
  interface Person {
    readonly kind: 'person';
    readonly tenant: string;
    readonly person: string;
  }
  const today: BySubject<string> = { tenant: ({ tenant }) => tenant };
  // @ts-expect-error: there is no case for a person.
  const missing: BySubject<string, Subject | Person> = today;
  const both: BySubject<string, Subject | Person> = { ...today, person: ({ person }) => person };
  expect(Object.keys(both)).toEqual([...Object.keys(missing), 'person']);
});
