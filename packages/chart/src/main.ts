import { writeOrCheck } from '@mysmtp/tooling';
import { generated } from './generate/generated.ts';

/** Writes the generated files of the chart, or with `--check` reports whether they are up to date. */
await writeOrCheck(
  'packages/chart',
  (await generated()).map(([file, text]) => ({ file, text })),
);
