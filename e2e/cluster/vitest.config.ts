import path from 'node:path';
import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.config.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Not a project of the workspace's tests, because these need a cluster, and change it. */
export default mergeConfig(
  { environments: shared.environments },
  {
    root,
    test: {
      include: ['e2e/cluster/*.test.ts'],
      reporters: shared.test?.reporters,
      testTimeout: 600_000,
      hookTimeout: 2_400_000,
      fileParallelism: false,
      // One release is used from the first test to the last.
      sequence: { concurrent: false },
    },
  },
);
