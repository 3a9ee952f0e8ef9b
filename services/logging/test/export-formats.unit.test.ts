import { expect, test } from 'vitest';
import { exportFormats } from '../src/api/export-formats.ts';
import type { OpenRow } from '../src/messages/open-rows.ts';
import { rowOf } from '../src/messages/row.ts';
import { event } from './events.ts';

const attempt = {
  at: '2026-11-24T12:00:00.000Z',
  site: 'mx.example.net',
  tlsVersion: 'TLSv1.3',
  reply: '550 5.1.1 Nobody, "really"\r\nsorry',
  enhancedCode: '5.1.1',
};

function openRow(details: Partial<OpenRow['details']> = {}): OpenRow {
  return {
    row: rowOf({ ...event({ at: 0 }), status: 'bounced', lastReply: '5xx' }),
    details: {
      sender: 'shop@example.org',
      recipient: 'someone@example.net',
      messageId: '<1@example.org>',
      tags: ['news', 'batch-1'],
      ...details,
    },
    attempts: [attempt],
    restricted: false,
  };
}

/** As a strict reader of RFC 4180 reads it. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let rest = text;
  while (rest !== '') {
    const values: string[] = [];
    for (;;) {
      const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
      if (match === null) throw new Error(`no CSV: ${rest}`);
      values.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
      rest = rest.slice(match[0].length);
      if (match[3] === '\r\n') break;
    }
    records.push(values);
  }
  return records;
}

const { csv, jsonl } = exportFormats;

test('CSV is of RFC 4180, with as many values in each record, and ends with the number of rows', () => {
  const row = openRow();
  const [head, first, last, ...others] = readCsv(csv.head + csv.row(row) + csv.end(1));
  expect(others).toEqual([]);
  expect(head?.slice(0, 5)).toEqual(['id', 'acceptedAt', 'messageId', 'sender', 'recipient']);
  expect([first?.length, last?.length]).toEqual([head?.length, head?.length]);
  const values = Object.fromEntries(head?.map((name, at) => [name, first?.[at]]) ?? []);
  expect(values).toMatchObject({
    id: row.row._id.slice(0, 36),
    recipient: 'someone@example.net',
    tags: 'news batch-1',
    status: 'bounced',
    lastReply: '5xx',
    attempts: '1',
    lastReplyText: attempt.reply,
    restricted: '',
  });
  expect(last?.slice(0, 3)).toEqual(['#end', '1', '']);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
  'a value that a spreadsheet takes for a formula becomes text: %j',
  (value) => {
    const [[, , messageId, sender] = []] = readCsv(
      csv.row(openRow({ messageId: value, sender: `${value}@example.org` })),
    );
    expect([messageId, sender]).toEqual([`'${value}`, `'${value}@example.org`]);
  },
);

test('JSON Lines has a record a line, and ends with the number of rows', () => {
  const text = jsonl.head + jsonl.row(openRow()) + jsonl.row(openRow()) + jsonl.end(2);
  const records = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(records).toHaveLength(3);
  expect(records[0]).toMatchObject({ recipient: 'someone@example.net', attempts: [attempt] });
  expect(records[2]).toEqual({ end: true, rows: 2 });
});
