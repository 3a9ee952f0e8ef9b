import { signEvery } from '@mysmtp/contracts';

/**
 * Tells of work that goes on, at most every `signEvery`. What it gives back is called at each bit of
 * progress, and nothing else makes a sign: work that hangs is silent. The first bit is told at once:
 * soon after it asked, privacy asks a silent service again, and another process would begin the same.
 */
export function signsOfLife(
  clock: { now(): number },
  tell: () => Promise<void>,
): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.now() - last < signEvery) return;
    last = clock.now();
    await tell();
  };
}
