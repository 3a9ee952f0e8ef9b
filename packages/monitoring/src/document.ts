import { errorCodes } from '@mysmtp/contracts';
import type { AlertRule } from './alerts.ts';
import { dashboards, panelsOf } from './dashboards/dashboards.ts';

const begin = '<!-- What follows is written by `npm run fix`. -->';
const end = '<!-- Until here. -->';

/** docs/monitoring.md with its tables regenerated from the files. */
export function withTables(document: string, rules: readonly AlertRule[]): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from === -1 || to < from) throw new Error('docs/monitoring.md has no place for its tables');
  const tables = [dashboardTable(), alertTable(rules), errorTable()].join('\n\n');
  return `${document.slice(0, from)}${begin}\n\n${tables}\n\n${document.slice(to)}`;
}

function dashboardTable(): string {
  const rows = Object.entries(dashboards).map(([file, dashboard]) => {
    const link = `[${dashboard.title ?? ''}](../charts/mysmtp/dashboards/${file})`;
    const count = String(panelsOf(dashboard).length);
    return `| ${link} | ${dashboard.description ?? ''} | ${count} |`;
  });
  return ['| Dashboard | Shows | Panels |', '|---|---|---|', ...rows].join('\n');
}

function alertTable(rules: readonly AlertRule[]): string {
  const rows = rules.map(({ alert, labels, annotations, for: wait }) => {
    const link = `[${alert}](runbooks/${alert}.md)`;
    return `| ${link} | ${labels.severity} | ${annotations.summary} | ${wait ?? 'at once'} |`;
  });
  return ['| Alert and runbook | Severity | Meaning | After |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function errorTable(): string {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return ['| `errorCode` in a log line | Meaning and action |', '|---|---|', ...rows].join('\n');
}
