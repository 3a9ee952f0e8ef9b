import path from 'node:path';
import type { HelmMajor } from '@mysmtp/chart';
import { expect, test } from 'vitest';
import { chartWith, fixtures } from './support/chart-copy.ts';
import {
  allExamples,
  helm,
  helmMajors,
  monitoringApis,
  template,
  valuesFile,
  type Example,
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

    // One render for both: in a cluster without these APIs the first part is the same.
    const rendered = renderedOnce(major, example);

    test(`${example}, Helm ${String(major)}: as before`, async () => {
      const { others } = await rendered();
      await expect(others).toMatchFileSnapshot(path.join('golden', `${example}.yaml`));
    });

    test(`${example}, Helm ${String(major)}, monitoring: as before`, async () => {
      const { monitoring } = await rendered();
      await expect(monitoring).toMatchFileSnapshot(
        path.join('golden', `${example}.monitoring.yaml`),
      );
    });
  }
}

function renderedOnce(major: HelmMajor, example: Example) {
  let rendering: Promise<{ monitoring: string; others: string }> | undefined;
  return () => (rendering ??= renderedParts(major, example));
}

async function renderedParts(major: HelmMajor, example: Example) {
  await using chart = await chartWith(fixtures);
  const text = await template({ helm: major, example, chart: chart.dir, apis: monitoringApis });
  const documents = text.split(/^(?=---\n)/m);
  const ofMonitoring = (document: string) => document.includes('/templates/monitoring.yaml\n');
  return {
    monitoring: documents.filter(ofMonitoring).join(''),
    others: documents.filter((document) => !ofMonitoring(document)).join(''),
  };
}
