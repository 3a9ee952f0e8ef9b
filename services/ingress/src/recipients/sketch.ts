/**
 * How many different blind indexes were added, within about 3 %, in 1 KiB of any number of them. HyperLogLog
 * (Flajolet, Fusy, Gandouet, Meunier, 2007) with the estimator of Ertl (arXiv:1702.01284, algorithm 6), which
 * needs no tables and no thresholds.
 *
 * The first 10 bits of an index choose a register. The register has the greatest rank of its indexes: how many
 * of the next 30 bits are zero before the first one, plus one. A blind index is an HMAC, so its bits are as
 * good as those of a hash function, and nobody without the key can choose them.
 */
export type Sketch = Uint8Array;

const registerBits = 10;
const sketchSize = 2 ** registerBits;
const rankBits = 30;

export const emptySketch = (): Sketch => new Uint8Array(sketchSize);

/** The six bits of each character of base64url (RFC 4648 5). */
const bitsOf = new Uint8Array(128);
for (const [bits, character] of Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
).entries()) {
  bitsOf[character.charCodeAt(0)] = bits;
}

/** Adds a blind index. Returns whether the sketch has changed. */
export function addIndex(sketch: Sketch, index: string): boolean {
  const bits = (at: number): number => bitsOf[index.charCodeAt(at)] ?? 0;
  // The lowest two of the first twelve bits are not used.
  const register = ((bits(0) << 6) | bits(1)) >> 2;
  const rest = (bits(2) << 24) | (bits(3) << 18) | (bits(4) << 12) | (bits(5) << 6) | bits(6);
  const rank = Math.clz32(rest) - (32 - rankBits) + 1;
  if (rank <= (sketch[register] ?? 0)) return false;
  sketch[register] = rank;
  return true;
}

/** Adds everything that was added to `other`. */
export function addSketch(sketch: Sketch, other: Sketch): void {
  for (let at = 0; at < sketchSize; at += 1) {
    sketch[at] = Math.max(sketch[at] ?? 0, other[at] ?? 0);
  }
}

/** How many different blind indexes were added. */
export function estimate(sketch: Sketch): number {
  const counts = new Float64Array(rankBits + 2);
  for (const rank of sketch) counts[rank] = (counts[rank] ?? 0) + 1;
  const share = (rank: number): number => (counts[rank] ?? 0) / sketchSize;
  let sum = sketchSize * tau(1 - share(rankBits + 1));
  for (let rank = rankBits; rank > 0; rank -= 1) sum = 0.5 * (sum + (counts[rank] ?? 0));
  sum += sketchSize * sigma(share(0));
  return sketchSize ** 2 / (2 * Math.LN2 * sum);
}

/** The part of the registers that are still empty. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let power = share;
  let factor = 1;
  let sum = share;
  for (let before = NaN; sum !== before; factor *= 2) {
    before = sum;
    power **= 2;
    sum += power * factor;
  }
  return sum;
}

/** The part of the registers that are full. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let factor = 1;
  let sum = 1 - share;
  for (let before = NaN; sum !== before;) {
    before = sum;
    root = Math.sqrt(root);
    factor /= 2;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}
