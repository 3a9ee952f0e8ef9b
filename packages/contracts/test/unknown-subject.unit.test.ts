import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Certificate, CommittedSubject, reader, Subject } from '../src/index.ts';
import { aboutHousehold, messages, messagesWithSubject, samples } from './messages.ts';

describe('an unknown kind of subject', () => {
  test.each(messagesWithSubject)('%s is unreadable as a whole', (name) => {
    const schema = messages[name];
    if (schema === undefined) throw new Error(`There is no ${name}`);
    const changed = (samples[name] ?? []).flatMap((sample) => {
      const message = aboutHousehold(sample);
      return isDeepStrictEqual(message, sample) ? [] : [message];
    });
    expect(changed).not.toEqual([]);
    for (const message of changed) {
      expect(reader(schema).safeParse(message).success).toBe(false);
    }
  });

  test('is not a subject of a certificate', () => {
    const subject = { kind: 'household', commitment: 'c' };
    const { issues = [] } = Certificate.safeParse({ v: 2, subject }).error ?? {};
    expect(issues.map(({ path }) => path.join('.'))).toContain('subject.kind');
    expect(reader(CommittedSubject).safeParse(subject).success).toBe(false);
  });
});

test('an unknown field is left out: a person in a field of a tenant would be lost, and the tenant erased', () => {
  const subject = { kind: 'tenant', tenant: 't1', person: 'blind-index' };
  expect(reader(Subject).parse(subject)).toEqual({ kind: 'tenant', tenant: 't1' });
  expect(Subject.safeParse(subject).success).toBe(false);
});
