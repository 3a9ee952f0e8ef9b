import { day } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { effectiveDate, inForce, noticePeriod, stateOf } from '../src/documents/editions.ts';

const now = Date.parse('2026-11-30T12:00:00Z');

/** An edition with documents and processing of these names. */
const edition = (
  _id: number,
  [sha256, processing]: readonly [string, string],
  announced: number,
  effective = announced,
) => ({
  _id,
  sha256,
  processing,
  announcedAt: new Date(now + announced * day),
  effectiveAt: new Date(now + effective * day),
});
const of = (sha256: string, processing: string) => ({ sha256, processing });
const at = (days: number) => now + days * day;

test('the first edition takes effect at once, and the same documents make no other', () => {
  expect(effectiveDate([], of('a', 'A'), now)).toBe(now);
  expect(effectiveDate([edition(1, ['a', 'A'], 0)], of('a', 'A'), at(400))).toBeUndefined();
});

test('another wording takes effect at once; other processing 30 days after its announcement, never earlier', () => {
  const first = edition(1, ['a', 'A'], 0);
  expect(effectiveDate([first], of('b', 'A'), at(5))).toBe(at(5));
  expect(effectiveDate([first], of('b', 'B'), at(5))).toBe(at(5) + noticePeriod);
  const announced = [first, edition(2, ['b', 'B'], 5, 35)];
  expect(inForce(announced, at(35) - 1)).toBe(first);
  expect(inForce(announced, at(35))?._id).toBe(2);
  expect(announced.map((one) => stateOf(one, announced, at(34)))).toEqual([
    'effective',
    'announced',
  ]);
  expect(announced.map((one) => stateOf(one, announced, at(35)))).toEqual([
    'replaced',
    'effective',
  ]);
});

test('another wording of announced processing keeps the announced date', () => {
  const announced = [edition(1, ['a', 'A'], 0), edition(2, ['b', 'B'], 5, 35)];
  expect(effectiveDate(announced, of('c', 'B'), at(10))).toBe(at(35));
});

test('an announcement that is taken back never takes effect, and its date does not help another one', () => {
  const back = [
    edition(1, ['a', 'A'], 0),
    edition(2, ['b', 'B'], 5, 35),
    edition(3, ['a', 'A'], 6),
  ];
  expect(inForce(back, at(36))?._id).toBe(3);
  expect(back.map((one) => stateOf(one, back, at(7)))).toEqual([
    'replaced',
    'replaced',
    'effective',
  ]);
  expect(effectiveDate(back, of('b', 'B'), at(7))).toBe(at(37));
  const other = [...back.slice(0, 2), edition(3, ['c', 'C'], 6, 36)];
  expect(inForce(other, at(35.5))?._id).toBe(1);
  expect(inForce(other, at(36))?._id).toBe(3);
});
