/**
 * Tells of work that goes on, at most every so many milliseconds. What it gives back is called at each bit of
 * progress, and nothing else makes a sign: work that hangs is silent. The first bit is told at once:
 * soon after it asked, privacy asks a silent service again, and another process would begin the same.
 */
export function signsOfLife(
  clock: { now(): number },
  every: number,
  tell: () => Promise<void>,
): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.now() - last < every) return;
    last = clock.now();
    await tell();
  };
}
