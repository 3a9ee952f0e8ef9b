import { createSecretKey, randomBytes } from 'node:crypto';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { createChunkSealer, keyIdOf, open, openChunk, seal, SealError } from '../src/index.ts';

const key = createSecretKey(randomBytes(32));
const text = fc.string({ unit: 'binary', maxLength: 20 });
const context = fc.record({
  tenant: text,
  keyId: fc.stringMatching(/^[a-zü0-9:-]{1,40}$/u),
  record: text,
});
const octets = fc.uint8Array({ maxLength: 300 }).map((all) => Buffer.from(all));

fuzz(
  'a sealed value opens to the same octets, under its key id',
  [context, octets],
  (context, plain) => {
    const sealed = seal(key, context, plain);
    expect(keyIdOf(sealed)).toBe(context.keyId);
    expect(open(key, context, sealed).equals(plain)).toBe(true);
  },
);

/** A change that results in other octets: some flipped, some removed, some inserted. */
const change = fc.oneof(
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => (given: Buffer) => {
    const changed = Buffer.from(given);
    const place = at % changed.length;
    changed[place] = (changed[place] ?? 0) ^ flip;
    return changed;
  }),
  fc.nat().map((at) => (given: Buffer) => given.subarray(0, at % given.length)),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 20 })).map(([at, count]) => (given: Buffer) => {
    const place = at % given.length;
    return Buffer.concat([given.subarray(0, place), given.subarray(place + count)]);
  }),
  fc
    .tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 20 }))
    .map(([at, more]) => (given: Buffer) => {
      const place = at % (given.length + 1);
      return Buffer.concat([given.subarray(0, place), more, given.subarray(place)]);
    }),
);

fuzz(
  'a changed sealed value does not open, and the error contains nothing of it',
  [context, octets, fc.array(change, { minLength: 1, maxLength: 3 })],
  (context, plain, changes) => {
    const sealed = seal(key, context, plain);
    const changed = changes.reduce(
      (given, one) => (given.length === 0 ? given : one(given)),
      sealed,
    );
    // Two changes may cancel each other.
    if (changed.equals(sealed)) return;
    expect(() => open(key, context, changed)).toThrow(SealError);
  },
  1_000,
);

fuzz(
  'a sealed value opens in no other context',
  [context, context, octets],
  (context, other, plain) => {
    const sealed = seal(key, context, plain);
    // Unpaired surrogates encode to the same octets. No tenant or record contains one.
    const same = (one: string, two: string) => Buffer.from(one).equals(Buffer.from(two));
    if (same(context.tenant, other.tenant) && same(context.record, other.record)) return;
    expect(() => open(key, other, sealed)).toThrow(SealError);
  },
);

fuzz(
  'arbitrary octets are no sealed value, and the error contains only that',
  [octets, context],
  (given, context) => {
    expect(() => open(key, context, given)).toThrow(SealError);
    const dressed = Buffer.concat([Buffer.from([1, given[0] ?? 0]), given]);
    expect(() => open(key, context, dressed)).toThrow(SealError);
  },
);

const stream = fc.array(fc.nat({ max: 300_000 }), { maxLength: 5 });

fuzz(
  'a stream opens to the same octets in any pieces, but not with a chunk changed, moved or left out',
  [context, stream, change, fc.nat(), fc.nat()],
  (context, sizes, change, one, other) => {
    const sealer = createChunkSealer(key, context);
    const parts = sizes.map((size) => randomBytes(size));
    const chunks = [...parts.flatMap((part) => sealer.push(part)), sealer.finish()];
    const opened = (given: readonly Buffer[]) =>
      given.map((chunk, index) =>
        openChunk(key, context, { index, last: index === given.length - 1 }, chunk),
      );
    expect(Buffer.concat(opened(chunks)).equals(Buffer.concat(parts))).toBe(true);

    const [a, b] = [one % chunks.length, other % chunks.length];
    const [first, second] = [chunks[a], chunks[b]];
    if (first === undefined || second === undefined) throw new Error('There is at least one chunk');
    expect(() => opened(chunks.with(a, change(first)))).toThrow(SealError);
    if (a !== b) expect(() => opened(chunks.with(a, second).with(b, first))).toThrow(SealError);
    if (chunks.length > 1) expect(() => opened(chunks.toSpliced(a, 1))).toThrow(SealError);
    expect(() => opened(chunks.toSpliced(a, 0, second))).toThrow(SealError);
  },
  30,
);
