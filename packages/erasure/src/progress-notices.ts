/**
 * Limits progress notices to one in so many milliseconds. Call the result on each progress; no timer
 * sends a notice, so work that hangs is silent. The first notice is sent at once: privacy soon resends a
 * command to a silent service, and another process would start the same work.
 */
export function progressNotices(
  clock: { now(): number },
  every: number,
  notify: () => Promise<void>,
): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.now() - last < every) return;
    last = clock.now();
    await notify();
  };
}
