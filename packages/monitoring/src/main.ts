import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readAlerts } from './alerts.ts';
import { dashboards } from './dashboards/dashboards.ts';
import { withTables } from './document.ts';
import { places } from './repository.ts';

/** Writes the dashboards and the tables of docs/monitoring.md, or with `--check` says whether they are up to date. */
const check = process.argv.includes('--check');
const document = await readFile(places.document, 'utf8');
const generated: readonly (readonly [file: string, text: string])[] = [
  ...Object.entries(dashboards).map(
    ([name, dashboard]) =>
      [path.join(places.dashboards, name), `${JSON.stringify(dashboard, null, 2)}\n`] as const,
  ),
  [places.document, withTables(document, await readAlerts())],
];

for (const [file, text] of generated) {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) continue;
  if (check) {
    const name = path.relative(places.root, file);
    process.stderr.write(
      `${name} is not what packages/monitoring says. Write it with \`npm run fix\`.\n`,
    );
    process.exitCode = 1;
  } else {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
