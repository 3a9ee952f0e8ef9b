export { openProjectionCollection } from './collection.ts';
export { createEntries, type ChangeListener } from './entries.ts';
export { openProjection, type Projection, type ProjectionOptions } from './projection.ts';
export { tokenLookup } from './token-lookup.ts';
