import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import type { IdentityChange } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import { createEntries } from '@mysmtp/projection';
import { domainIndex } from '@mysmtp/seal';
import { expect, test } from 'vitest';
import { createSenderDomains } from '../src/domains/sender-domains.ts';

const tenant = randomUUID();
const index = createSecretKey(randomBytes(32));
const keys = { index } as SealingKeys;
const nameIndex = domainIndex(index, 'example.org');

const made = (
  id: string,
  status?: 'unverified' | 'verified' | 'vouched',
  version = 1,
): IdentityChange => ({
  v: 1,
  entity: 'domain',
  id,
  version,
  state: { tenant, name: 'sealed', nameIndex, signing: 'ours', ...(status && { status }) },
});
const deleted = (id: string): IdentityChange => ({ ...made(id), version: 2, state: null });

const [old, next] = [randomUUID(), randomUUID()];

// Every order in which the changes of the old and the new domain can arrive.
test.each([
  ['in order', [made(old), deleted(old), made(next)]],
  ['the new one before the end of the old one', [made(old), made(next), deleted(old)]],
  ['the new one first', [made(next), made(old), deleted(old)]],
  ['the end of the old one only', [deleted(old), made(next)]],
])('a domain that was deleted and created again is found: %s', (_name, changes) => {
  const entries = createEntries(['domain']);
  const domains = createSenderDomains(entries);
  for (const change of changes) entries.apply(change);
  expect(domains.find(tenant, keys, 'example.org')).toEqual({ id: next, signing: 'ours' });
  expect(domains.find(randomUUID(), keys, 'example.org')).toBeUndefined();
  entries.apply(deleted(next));
  expect(domains.find(tenant, keys, 'example.org')).toBeUndefined();
});

test('a domain is usable once it is verified or vouched for; in a release without a status, always', () => {
  const entries = createEntries(['domain']);
  const domains = createSenderDomains(entries);
  const find = () => domains.find(tenant, keys, 'example.org');
  entries.apply(made(old, 'unverified'));
  expect(find()).toBe('unverified');
  for (const [at, status] of (['verified', 'unverified', 'vouched'] as const).entries()) {
    entries.apply(made(old, status, at + 2));
    const usable = { id: old, signing: 'ours' };
    expect(find()).toEqual(status === 'unverified' ? 'unverified' : usable);
  }
  expect(domains.find(randomUUID(), keys, 'example.org')).toBeUndefined();
  entries.apply(made(next));
  entries.apply(deleted(old));
  expect(find()).toEqual({ id: next, signing: 'ours' });
});
