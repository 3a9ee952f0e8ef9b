import type { IdentityChange } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { createEntries } from '../src/entries.ts';

const domain = (version: number, name: string | null): IdentityChange => ({
  v: 1,
  entity: 'domain',
  id: 'd1',
  version,
  state: name === null ? null : { tenant: 't1', name, nameIndex: 'i', signing: 'ours' },
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, at) =>
    permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]),
  );
}

test('in any order of arrival, the greatest version stays', () => {
  for (const order of permutations([domain(1, 'a'), domain(2, 'b'), domain(3, 'c')])) {
    const entries = createEntries(['domain']);
    for (const change of order) entries.apply(change);
    expect(entries.get('domain', 'd1')?.name).toBe('c');
  }
});

test('in any order of arrival, an entity with a tombstone never comes back', () => {
  for (const order of permutations([domain(1, 'a'), domain(2, null), domain(3, 'late')])) {
    const entries = createEntries(['domain']);
    for (const change of order) entries.apply(change);
    expect(entries.get('domain', 'd1')).toBeUndefined();
    expect([...entries.all('domain')]).toEqual([]);
    expect(entries.count('domain')).toBe(0);
  }
});

test('a repeated change is reported once, with the state that it replaces', () => {
  const entries = createEntries(['domain']);
  const verified: [number, unknown][] = [];
  entries.onChange((change, before) => verified.push([change.version, before]));
  const first = domain(1, 'a');
  for (const change of [first, first, domain(2, 'b'), domain(1, 'a'), domain(3, null)]) {
    entries.apply(change);
  }
  expect(verified).toEqual([
    [1, undefined],
    [2, first.state],
    [3, domain(2, 'b').state],
  ]);
});

test('a late listener first gets everything that is known', () => {
  const entries = createEntries(['domain']);
  entries.apply(domain(4, 'a'));
  const verified: number[] = [];
  entries.onChange((change) => verified.push(change.version));
  expect(verified).toEqual([4]);
});

test('an entity that the projection does not have is a fault of its owner', () => {
  expect(() => createEntries(['domain']).get('token', 'x')).toThrow('no entities of kind token');
});
