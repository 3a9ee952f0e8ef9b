import { writeOrCheck } from '@mysmtp/tooling';
import { coverageText } from './coverage.ts';
import { dataMap } from './data-map.ts';
import { registry } from './registry.ts';

/** Writes what is generated from the registry, or with `--check` says whether it is up to date. */
await writeOrCheck('the registry of personal data', [
  { file: 'docs/data-map.md', text: dataMap(registry) },
  {
    file: `packages/contracts/registry/${String(registry.version)}.json`,
    text: coverageText(registry),
    frozen:
      'A version that was used stays as it is: raise `version` in packages/contracts/src/registry/registry.ts, give it its time in versions.ts, then `npm run fix`.',
  },
]);
