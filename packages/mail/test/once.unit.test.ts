import { expect, test } from 'vitest';
import { headerFields, withoutRepeats } from '../src/index.ts';

const without = (header: string) =>
  withoutRepeats(headerFields(Buffer.from(header)) ?? [])
    ?.map(({ raw }) => raw)
    .join('');

test.each([
  [
    'equal fields are written once',
    'Subject: a\r\nX: y\r\nSUBJECT:  a\r\n',
    'Subject: a\r\nX: y\r\n',
  ],
  ['empty fields are removed', 'Subject: a\r\nSubject:\r\n', 'Subject: a\r\n'],
  ['even if it is the first', 'Date:\r\nDate: x\r\n', 'Date: x\r\n'],
  [
    'lists are joined',
    'To: a@x.test\r\nCc: c@x.test\r\nTo: b@x.test\r\nTo: a@x.test\r\n',
    'To: a@x.test,\r\n b@x.test\r\nCc: c@x.test\r\n',
  ],
  [
    'other fields may be repeated',
    'Received: a\r\nReceived: a\r\nX: b\r\nX: c\r\n',
    'Received: a\r\nReceived: a\r\nX: b\r\nX: c\r\n',
  ],
])('%s', (_name, given, expected) => {
  expect(without(given)).toBe(expected);
});

test.each(['Date', 'Sender', 'Message-ID', 'In-Reply-To', 'References', 'Subject'])(
  'two of %s that differ contradict each other',
  (name) => {
    expect(without(`${name}: a\r\n${name}: b\r\n`)).toBeUndefined();
  },
);
