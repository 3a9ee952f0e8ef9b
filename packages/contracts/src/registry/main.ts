import { writeOrCheck } from '@mysmtp/tooling';
import { coverageText } from './coverage.ts';
import { dataMap } from './data-map.ts';
import { registry } from './registry.ts';

/**
 * Writes the files that are generated from the registry. With `--check` it only checks that they are up
 * to date.
 */
await writeOrCheck('the registry of personal data', [
  { file: 'docs/data-map.md', text: dataMap(registry) },
  {
    file: `packages/contracts/registry/${String(registry.version)}.json`,
    text: coverageText(registry),
    frozen:
      'A version that was used must not change. Raise `version` in packages/contracts/src/registry/registry.ts, add its period to versions.ts, then run `npm run fix`.',
  },
]);
