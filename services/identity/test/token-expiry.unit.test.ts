import { expect, test } from 'vitest';
import { endOf } from '../src/tokens/expiry.ts';

const createdAt = Date.parse('2026-01-01T00:00:00Z');
const year = 365 * 86_400_000;

test("an operator's token ends when it says, and one from before there was an end after a year", () => {
  expect(endOf({ role: 'operator', createdAt, expiresAt: createdAt + 1 })).toBe(createdAt + 1);
  expect(endOf({ role: 'operator', createdAt })).toBe(createdAt + year);
});

test("an owner's token has no end", () => {
  expect(endOf({ role: 'owner', createdAt })).toBeUndefined();
});
