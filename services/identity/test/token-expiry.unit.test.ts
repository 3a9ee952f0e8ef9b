import { expect, test } from 'vitest';
import { endOf } from '../src/tokens/model.ts';

const createdAt = Date.parse('2026-01-01T00:00:00Z');
const year = 365 * 86_400_000;

test("an operator's token expires at its time, and one from before expiry was introduced after a year", () => {
  expect(endOf({ role: 'operator', createdAt, expiresAt: createdAt + 1 })).toBe(createdAt + 1);
  expect(endOf({ role: 'operator', createdAt })).toBe(createdAt + year);
});

test("an owner's token does not expire", () => {
  expect(endOf({ role: 'owner', createdAt })).toBeUndefined();
});
