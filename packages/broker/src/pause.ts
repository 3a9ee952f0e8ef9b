/**
 * How long to wait after a batch of so many items before the next one leaves. Milliseconds.
 *
 * A batch costs the broker and its readers about as much as an item, and a quorum queue writes each one
 * into its log. One millisecond for each item of the batch before: up to a thousand items a second
 * nothing waits for company, above that the batches grow until the longest pause.
 */
export const pauseAfter = (items: number): number => Math.min(items, longest);

const longest = 20;
