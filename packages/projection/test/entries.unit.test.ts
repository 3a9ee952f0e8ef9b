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

test('whatever the order of arrival, the greatest version stays', () => {
  for (const order of permutations([domain(1, 'a'), domain(2, 'b'), domain(3, 'c')])) {
    const entries = createEntries(['domain']);
    for (const change of order) entries.apply(change);
    expect(entries.get('domain', 'd1')?.name).toBe('c');
  }
});

test('whatever the order of arrival, what has a tombstone never comes back', () => {
  for (const order of permutations([domain(1, 'a'), domain(2, null), domain(3, 'late')])) {
    const entries = createEntries(['domain']);
    for (const change of order) entries.apply(change);
    expect(entries.get('domain', 'd1')).toBeUndefined();
    expect([...entries.all('domain')]).toEqual([]);
    expect(entries.count('domain')).toBe(0);
  }
});

test('a change that comes twice is told once, with what it replaces', () => {
  const entries = createEntries(['domain']);
  const heard: [number, unknown][] = [];
  entries.onChange((change, before) => heard.push([change.version, before]));
  const first = domain(1, 'a');
  for (const change of [first, first, domain(2, 'b'), domain(1, 'a'), domain(3, null)]) {
    entries.apply(change);
  }
  expect(heard).toEqual([
    [1, undefined],
    [2, first.state],
    [3, domain(2, 'b').state],
  ]);
});

test('a listener that comes late hears first of what is known', () => {
  const entries = createEntries(['domain']);
  entries.apply(domain(4, 'a'));
  const heard: number[] = [];
  entries.onChange((change) => heard.push(change.version));
  expect(heard).toEqual([4]);
});

test('an entity that the projection does not hold is a mistake of its owner', () => {
  expect(() => createEntries(['domain']).get('token', 'x')).toThrow('does not hold token');
});
