import path from 'node:path';
import { expect, test } from 'vitest';
import { chartWith, fixtures } from './support/chart-copy.ts';
import {
  allExamples,
  helm,
  helmMajors,
  monitoringApis,
  template,
  valuesFile,
} from './support/helm.ts';

// Alerts and dashboards of the fixtures, so that a new panel is no new golden file.
// Written anew with `npm test -- packages/chart -u`.
for (const example of allExamples) {
  for (const major of helmMajors) {
    test(`${example}, Helm ${String(major)}: lint finds nothing`, async () => {
      await using chart = await chartWith(fixtures);
      const said = await helm(
        major,
        'lint',
        '--strict',
        chart.dir,
        '--values',
        valuesFile(example),
      );
      expect(said).toContain('1 chart(s) linted, 0 chart(s) failed');
    });

    test(`${example}, Helm ${String(major)}: as before`, async () => {
      await using chart = await chartWith(fixtures);
      const rendered = await template({ helm: major, example, chart: chart.dir });
      await expect(rendered).toMatchFileSnapshot(path.join('golden', `${example}.yaml`));
    });

    test(`${example}, Helm ${String(major)}, monitoring: as before`, async () => {
      await using chart = await chartWith(fixtures);
      const rendered = await template({
        helm: major,
        example,
        chart: chart.dir,
        apis: monitoringApis,
        only: 'templates/monitoring.yaml',
      });
      await expect(rendered).toMatchFileSnapshot(path.join('golden', `${example}.monitoring.yaml`));
    });
  }
}
