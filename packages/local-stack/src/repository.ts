import path from 'node:path';

/** The root of the repository that this package is a part of. */
export const repositoryRoot = path.resolve(import.meta.dirname, '../../..');
