import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeOrCheck } from '@mysmtp/tooling';
import { readAlerts } from './alerts.ts';
import { dashboards } from './dashboards/dashboards.ts';
import { withTables } from './document.ts';
import { places } from './places.ts';

/**
 * Writes the dashboards and the tables of docs/monitoring.md, or with `--check` reports whether they are up
 * to date.
 */
const document = await readFile(places.document, 'utf8');
await writeOrCheck('packages/monitoring', [
  ...Object.entries(dashboards).map(([name, dashboard]) => ({
    file: path.join(places.dashboards, name),
    text: `${JSON.stringify(dashboard, null, 2)}\n`,
  })),
  { file: places.document, text: withTables(document, await readAlerts()) },
]);
