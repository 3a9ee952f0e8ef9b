import { signEvery } from '@mysmtp/contracts';

/**
 * Tells of work that takes long, at most every `signEvery`. What it gives back is called at each bit of
 * progress, and nothing else makes a sign: work that hangs is silent.
 */
export function signsOfLife(
  clock: { now(): number },
  tell: () => Promise<void>,
): () => Promise<void> {
  let last = clock.now();
  return async () => {
    if (clock.now() - last < signEvery) return;
    last = clock.now();
    await tell();
  };
}
