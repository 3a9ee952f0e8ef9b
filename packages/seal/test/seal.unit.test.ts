import { createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyIdOf, open, openJson, seal, SealError, sealJson } from '../src/index.ts';

const key = createSecretKey(randomBytes(32));
const context = { tenant: 't1', keyId: 'mail:2026-11-24', record: 'mail:1' };
const plain = Buffer.from('from someone@example.org');

const kindOf = (act: () => unknown): string | undefined => {
  try {
    act();
  } catch (error) {
    return error instanceof SealError ? error.kind : 'another error';
  }
  return undefined;
};

test('opens to the original octets, also for an empty and a large message', () => {
  for (const content of [plain, Buffer.alloc(0), randomBytes(300_000)]) {
    expect(open(key, context, seal(key, context, content)).equals(content)).toBe(true);
  }
  const details = { sender: 'a@example.org', list: [1, null] };
  expect(openJson(key, context, sealJson(key, context, details))).toEqual(details);
});

test('several pieces are sealed as their concatenation', () => {
  const pieces = [plain, Buffer.alloc(0), randomBytes(10_000), Buffer.from('end')];
  const sealed = seal(key, context, pieces);
  expect(open(key, context, sealed).equals(Buffer.concat(pieces))).toBe(true);
  expect(open(key, context, seal(key, context, []))).toHaveLength(0);
});

test('has the documented layout and does not show the content', () => {
  const sealed = seal(key, context, plain);
  expect(sealed[0]).toBe(1);
  expect(sealed[1]).toBe(context.keyId.length);
  expect(keyIdOf(sealed)).toBe(context.keyId);
  expect(sealed.length).toBe(2 + context.keyId.length + 12 + plain.length + 16);
  expect(sealed.includes('someone')).toBe(false);
});

test('no nonce is used twice, over more values than one draw of random octets serves', () => {
  const from = 2 + context.keyId.length;
  const nonces = new Set(
    Array.from({ length: 2_000 }, () => seal(key, context, plain).toString('hex', from, from + 12)),
  );
  expect(nonces.size).toBe(2_000);
});

test.each([
  ['another key', createSecretKey(randomBytes(32)), context],
  ['another tenant', key, { ...context, tenant: 't2' }],
  ['another record', key, { ...context, record: 'mail:2' }],
  ['a moved border between tenant and record', key, { tenant: 't1m', record: 'ail:1' }],
])('does not open with %s', (_what, otherKey, otherContext) => {
  const sealed = seal(key, context, plain);
  expect(kindOf(() => open(otherKey, otherContext, sealed))).toBe('wrong_key_or_tampered');
});

test('does not open with any one octet changed', () => {
  const sealed = seal(key, context, plain);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect([at, kindOf(() => open(key, context, changed)) !== undefined]).toEqual([at, true]);
  }
});

test('an id exchanged for another of the same length does not open', () => {
  const sealed = seal(key, context, plain);
  sealed.write('mail:2026-11-25', 2);
  expect(keyIdOf(sealed)).toBe('mail:2026-11-25');
  expect(kindOf(() => open(key, context, sealed))).toBe('wrong_key_or_tampered');
});

test('reports malformed for a text that is no sealed value', () => {
  const sealed = seal(key, context, plain);
  const newer = Buffer.from(sealed);
  newer[0] = 2;
  for (const octets of [Buffer.alloc(0), Buffer.from([1]), sealed.subarray(0, 44), newer, plain]) {
    expect(kindOf(() => open(key, context, octets))).toBe('malformed');
    expect(kindOf(() => keyIdOf(octets))).toBe('malformed');
  }
});

test('its errors contain neither context nor content', () => {
  const sealed = seal(key, context, plain);
  expect(() => open(key, { ...context, record: 'secret' }, sealed)).toThrow(
    /^The sealed value cannot be opened: wrong_key_or_tampered$/,
  );
});

test('refuses a key id that does not fit into its one octet of length', () => {
  expect(() => seal(key, { ...context, keyId: 'x'.repeat(256) }, plain)).toThrow(RangeError);
  expect(() => seal(key, { ...context, keyId: '' }, plain)).toThrow(RangeError);
});
