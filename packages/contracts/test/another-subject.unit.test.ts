import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test, vi } from 'vitest';
import * as contracts from '../src/index.ts';
import type * as subjects from '../src/subject.ts';
import type { BySubject, Subject } from '../src/subject.ts';
import { aboutHousehold, messages, messagesWithSubject, samples } from './messages.ts';

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
  const household = z.strictObject({
    kind: z.literal('household'),
    tenant: text,
    household: text,
  });
  const Subject = z.discriminatedUnion('kind', [...today.Subject.options, household]);
  const subjectKinds = Subject.options.map(({ shape }) => shape.kind.value);
  const CommittedSubject = z.strictObject({ kind: z.enum(subjectKinds), commitment: text });
  return { ...today, Subject, subjectKinds, CommittedSubject };
});

test('every message of an erasure is written and read with a new kind of subject', () => {
  const changed = Object.entries(samples).flatMap(([name, all]) =>
    all.flatMap((sample) => {
      const message = aboutHousehold(sample);
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
  interface Household {
    readonly kind: 'household';
    readonly tenant: string;
    readonly household: string;
  }
  const today: BySubject<string> = {
    tenant: ({ tenant }) => tenant,
    person: ({ person }) => person,
  };
  // @ts-expect-error: there is no case for a household.
  const missing: BySubject<string, Subject | Household> = today;
  const both: BySubject<string, Subject | Household> = {
    ...today,
    household: ({ household }) => household,
  };
  expect(Object.keys(both)).toEqual([...Object.keys(missing), 'household']);
});
