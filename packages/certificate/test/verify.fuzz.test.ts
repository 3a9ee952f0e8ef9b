import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { explain } from '../src/explain.ts';
import { openJws } from '../src/jws.ts';
import { width } from '../src/text.ts';
import { keys, kid, opening, sign } from './builder.ts';
import { check, good } from './checking.ts';

const jws = await sign(good);
const told = { keys: 'keys.json', opening: true };

const character = fc.oneof(
  fc.constantFrom('.', '=', '-', '_', '+', '/', ' ', '\n', '\0', 'A', 'ü'),
  fc.string({ minLength: 1, maxLength: 4 }),
);
const change = fc.oneof(
  fc.tuple(fc.nat(), character).map(
    ([at, by]) =>
      (text: string) =>
        text.slice(0, at % text.length) + by + text.slice((at % text.length) + 1),
  ),
  fc.tuple(fc.nat(), character).map(
    ([at, by]) =>
      (text: string) =>
        text.slice(0, at % text.length) + by + text.slice(at % text.length),
  ),
  fc.nat().map((at) => (text: string) => text.slice(0, at % text.length)),
  fc.nat().map((at) => (text: string) => text.slice(at % text.length || 1)),
  fc.tuple(fc.nat(), fc.nat()).map(
    ([at, count]) =>
      (text: string) =>
        text.slice(0, at % text.length) + text.slice((at % text.length) + (count % 40) + 1),
  ),
);

fuzz(
  'a certificate that was changed anywhere does not hold, and nothing in it is trusted or shown',
  [fc.array(change, { minLength: 1, maxLength: 3 })],
  async (changes) => {
    const changed = changes.reduce((text, one) => (text === '' ? text : one(text)), jws);
    if (changed === jws) return;
    const verification = await check(changed, opening);
    expect(verification.holds).toBe(false);
    expect(verification.statement).toBeUndefined();
    expect(explain(verification, told)).toContain('THE CERTIFICATE DOES NOT HOLD');
  },
  300,
);

const part = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.json().map((text) => Buffer.from(text).toString('base64url')),
  fc.constantFrom(...jws.split('.')),
  fc
    .record(
      {
        alg: fc.constantFrom('EdDSA', 'none', 'HS256', 1, null),
        typ: fc.string(),
        kid: fc.constantFrom(kid, '__proto__', '', 1),
        crit: fc.constantFrom(['exp'], []),
        b64: fc.boolean(),
      },
      { requiredKeys: ['alg'] },
    )
    .map((header) => Buffer.from(JSON.stringify(header)).toString('base64url')),
);

fuzz(
  'an arbitrary file does not hold, and causes no crash',
  [fc.array(part, { maxLength: 5 })],
  async (parts) => {
    const text = parts.join('.');
    if (text === jws) return;
    const verification = await check(text);
    expect(verification.holds).toBe(false);
    expect(explain(verification, told)).not.toMatch(/[^\P{C}\n]/u);
  },
);

/** Every position in a value, as a path. */
function pathsOf(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...way, name]))];
}
// Not within the keys and receipts, because those are many and alike.
const places = pathsOf(good).filter(
  ([first, , third]) => first !== 'receipts' || third === 'store',
);

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return value.with(Number(name), replaced(value[Number(name)], rest, by));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: replaced(object[name], rest, by) };
}

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    null,
    -1,
    0,
    1e300,
    '',
    '\u001B[31m',
    '2026-11-24T12:00:00Z',
    '9999-12-31T23:59:59Z',
    {},
    [],
  ),
  fc.constant(JSON.parse('{"__proto__": {"logging.messages": 0}}') as unknown),
);

fuzz(
  'a certificate with odd content under a good signature is judged and explained, never a crash',
  [fc.constantFrom(...places), odd],
  async (place, by) => {
    const verification = await check(await sign(replaced(good, place, by)), opening);
    const shown = explain(verification, told);
    expect(shown.startsWith('THE CERTIFICATE HOLDS')).toBe(verification.holds);
    // The text of others does not control the terminal.
    expect(shown).not.toMatch(/[^\P{C}\n]/u);
    expect(shown.length).toBeGreaterThan(width);
    expect(
      verification.holds || verification.checks.some(({ reasons }) => reasons.length > 0),
    ).toBe(true);
  },
  60,
);

fuzz('a signed statement opens to the signed content', [fc.jsonValue()], async (content) => {
  const opened = await openJws(await sign(content), 'mysmtp-erasure-certificate+jws', keys);
  const key = keys.keys.find((one) => one['kid'] === kid);
  expect(opened).toEqual({ kid, key, payload: JSON.parse(JSON.stringify(content)) as unknown });
});
