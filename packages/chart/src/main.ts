import { writeOrCheck } from '@mysmtp/tooling';
import { generated } from './generate/generated.ts';

/** Writes what is generated in the chart, or with `--check` says whether it is up to date. */
await writeOrCheck(
  'packages/chart',
  (await generated()).map(([file, text]) => ({ file, text })),
);
