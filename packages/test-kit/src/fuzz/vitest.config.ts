import path from 'node:path';
import { mergeConfig } from 'vitest/config';
import shared from '../../../../vitest.config.ts';

/** Only the fuzz tests, which need no servers. One file at a time, so that they share the minutes. */
export default mergeConfig(
  { environments: shared.environments },
  {
    root: path.resolve(import.meta.dirname, '../../../..'),
    test: {
      include: ['packages/*/test/**/*.fuzz.test.ts', 'services/*/test/**/*.fuzz.test.ts'],
      reporters: shared.test?.reporters,
      fileParallelism: false,
    },
  },
);
