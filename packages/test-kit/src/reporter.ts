import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Ends a run with the line `N passed, N failed, N skipped`, for programs and readers. */
export default class CountReporter implements Reporter {
  readonly #counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    // Vitest closes the resources of the global set-up after the end of the run.
    process.once('exit', (code) => {
      const { passed, failed, skipped } = this.#counts;
      // A failed set-up or close is in no list of errors.
      const failures = failed === 0 && code !== 0 ? 1 : failed;
      process.stdout.write(
        `\n${String(passed)} passed, ${String(failures)} failed, ${String(skipped)} skipped\n`,
      );
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    // An uncaught error fails no test, but the run.
    this.#counts.failed += unhandledErrors.length;
    for (const module of modules) {
      // A file that cannot be loaded or a hook that fails may have no failed test.
      for (const group of [module, ...module.children.allSuites()]) {
        if (group.errors().length > 0) this.#counts.failed += 1;
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        this.#counts[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
  }
}
