/**
 * The pause after a batch of this many items. Milliseconds.
 *
 * A batch costs the broker and its readers about as much as one item, and a quorum queue writes each batch
 * into its log. The pause is one millisecond for each item of the last batch. Up to a thousand items a second
 * no item waits; above that the batches grow until the longest pause is reached.
 */
export const pauseAfter = (items: number): number => Math.min(items, longest);

const longest = 20;
