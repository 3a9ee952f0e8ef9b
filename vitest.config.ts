import { defineConfig } from 'vitest/config';

// Node runs our sources directly under this condition; nothing else may be listed here, or
// packages that have both forms would be loaded in the wrong one.
const conditions = ['mysmtp-source'];

export default defineConfig({
  environments: { ssr: { resolve: { conditions } }, __vitest__: { resolve: { conditions } } },
  test: {
    // Many tests watch the clock while whole stacks share two cores: in CI a failure counts when it
    // happens twice. Both runs are shown.
    retry: process.env['CI'] === undefined ? 0 : 1,
    reporters: ['default', './packages/test-kit/src/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['packages/*/test/**/*.test.ts', 'services/*/test/**/*.test.ts'],
          globalSetup: './packages/test-kit/src/servers.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          // Not e2e/cluster: that needs a cluster.
          include: ['e2e/[0-9]*/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // Each scenario has a whole stack of its own, and many watch the clock.
          fileParallelism: false,
        },
      },
    ],
  },
});
