import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Node runs our sources directly under this condition; nothing else may be listed here, or
// packages that have both forms would be loaded in the wrong one.
const conditions = ['mysmtp-source'];

/** Tests of pure logic: they need no server, not even one of the run. */
const unit = [
  'packages/*/test/**/*.{unit,fuzz}.test.ts',
  'services/*/test/**/*.{unit,fuzz}.test.ts',
  'e2e/bench/**/*.unit.test.ts',
];
/** Tests of the SMTP client: the servers that they need are their own. */
const smtpClient = ['packages/smtp-client/test/**/*.test.ts'];
/** Postfix and others as its peers take most of a minute, Debian and root: with `--all` only. */
const peers = process.env['MYSMTP_ALL'] === undefined ? ['packages/smtp-client/test/peers/**'] : [];
/** Lost and repeated receipts over the whole stack: a test of privacy has the same cases in seconds. */
const receipts = process.env['MYSMTP_ALL'] === undefined ? ['e2e/13-*/*.test.ts'] : [];
/** Scenarios that stop and kill nothing: they share a stack. */
const common = ['e2e/{01,02,03,06,07,20,24,26,27,29,30}-*/*.test.ts'];

/** It bounds the time between a delivery and a kill, so it has the machine for itself. */
const alone = ['e2e/05-*/*.test.ts'];

const bundles = './packages/test-kit/src/bundles.ts';
const servers = './packages/test-kit/src/servers.ts';
const patience = { testTimeout: 300_000, hookTimeout: 120_000 };

const isLate = ({ moduleId }: TestSpecification) => /\/e2e\/(?:26|29|30)-/.test(moduleId);

/** They take a minute or two. If one of them were the last file, the other workers would wait for it. */
const isLong = ({ moduleId }: TestSpecification) =>
  /unfinished-erasures|person-erasure|\/e2e\/(?:12|19|28)-/.test(moduleId);

/**
 * Requests of persons cause mail for minutes, which another scenario on the common stack would receive. So
 * their scenarios are the last ones.
 */
class LongFirstRequestsLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const usual = sorted.filter((file) => !isLong(file) && !isLate(file));
    return [...sorted.filter(isLong), ...usual, ...sorted.filter(isLate)];
  }
}

export default defineConfig({
  environments: { ssr: { resolve: { conditions } }, __vitest__: { resolve: { conditions } } },
  test: {
    reporters: ['default', './packages/test-kit/src/reporter.ts'],
    sequence: { sequencer: LongFirstRequestsLast },
    // As `eventually`. The default of one second is too short for a busy machine.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: unit,
          // Most of their time would be imports: a process keeps the modules for its next files.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'smtp-client',
          include: smtpClient,
          exclude: [...unit, ...peers],
          testTimeout: 30_000,
          // The first run on a machine brings the mail servers.
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['packages/*/test/**/*.test.ts', 'services/*/test/**/*.test.ts'],
          exclude: [...unit, ...smtpClient],
          globalSetup: [bundles, servers],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Imports would be a quarter of the work: a process keeps the modules for its next files.
          isolate: false,
          // Three times the cores of this kind of machine: these tests wait more than half of their time.
          maxWorkers: 6,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-common',
          include: common,
          globalSetup: [bundles, './e2e/kit/common-stack-setup.ts'],
          ...patience,
          // They also share the port of the receiver.
          fileParallelism: false,
          isolate: false,
          // Last, because their stack runs from their first scenario to the end of the run.
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          // Not e2e/cluster: that needs a cluster.
          include: ['e2e/[0-9]*/*.test.ts'],
          exclude: [...common, ...alone, ...receipts],
          globalSetup: [bundles, servers],
          ...patience,
          // A process keeps the modules for its next files.
          isolate: false,
          // Twice the cores of this kind of machine: the scenarios wait more than half of their time.
          maxWorkers: 4,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-alone',
          include: alone,
          globalSetup: [bundles, servers],
          ...patience,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
