import { loggingApi } from '@mysmtp/api';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ListQuery = loggingApi.listMessages.query;
const SearchBody = loggingApi.searchMessages.body;

test.each([
  '2026-11-24T12:00:00Z',
  '2026-11-24t12:00:00z',
  '2026-11-24T12:00:00z',
  '2026-11-24t13:00:00.000+01:00',
  '2026-11-24t12:00:00-00:00',
])('a time of RFC 3339 is read, in a URL and in a body: %s', (text) => {
  const time = Date.UTC(2026, 10, 24, 12);
  const times = { after: text, before: text };
  expect(ListQuery.parse(times)).toEqual({ after: time, before: time });
  expect(SearchBody.parse(times)).toEqual({ after: time, before: time });
});

test.each(['2026-11-24', '2026-11-24T25:00:00Z', '2026-11-24T12:00:00', 'yesterday', '1764000000'])(
  'another form of a time is refused: %s',
  (text) => {
    expect(ListQuery.safeParse({ after: text }).success).toBe(false);
    expect(SearchBody.safeParse({ before: text }).success).toBe(false);
  },
);

test('the API description says that it takes times', () => {
  const { properties } = z.toJSONSchema(SearchBody, { io: 'input' });
  expect(properties).toMatchObject({
    after: { type: 'string', format: 'date-time' },
    sender: { type: 'string' },
  });
});

test.each([
  'ann@example.net',
  '<ann@example.net>',
  ' ann@example.net\n',
  '\t< ann@example.net > ',
  '\u{a0}<ann@example.net>\u{a0}',
])('an address is searched without what stands around it: %j', (text) => {
  const found = { sender: 'ann@example.net', recipient: 'ann@example.net' };
  expect(SearchBody.parse({ sender: text, recipient: text })).toEqual(found);
});

test.each(['"<ann>"@example.net', '" ann "@example.net', '<ann@example.net', 'ann>@example.net'])(
  'no other part of an address is changed: %j',
  (text) => {
    expect(SearchBody.parse({ sender: text })).toEqual({ sender: text });
  },
);
