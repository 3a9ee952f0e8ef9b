import * as fc from 'fast-check';

/** Octets that mostly consist of these pieces (UTF-8 except for single octets above 127). */
export function octetsOf(pieces: readonly string[]): fc.Arbitrary<Buffer> {
  const piece = fc.constantFrom(...pieces).map((text) => Buffer.from(text, encodingOf(text)));
  const noise = fc.uint8Array({ maxLength: 8 }).map((octets) => Buffer.from(octets));
  const parts = [
    { arbitrary: piece, weight: 30 },
    { arbitrary: noise, weight: 1 },
  ];
  return fc.array(fc.oneof(...parts), { maxLength: 40 }).map((all) => Buffer.concat(all));
}

const encodingOf = (text: string) =>
  /^[\x80-\xff]$/.test(text) && text !== 'ü' ? 'latin1' : 'utf8';

/** A way to cut octets into chunks, with empty ones among them. */
export const cutting: fc.Arbitrary<(octets: Buffer) => Buffer[]> = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
  .map((places) => (octets) => {
    const cuts = places.map((place) => Math.floor(place * octets.length)).sort((a, b) => a - b);
    return [...cuts, octets.length].map((cut, n) => octets.subarray(cuts[n - 1] ?? 0, cut));
  });
