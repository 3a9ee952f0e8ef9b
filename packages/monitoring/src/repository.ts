import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** Where what this package writes and reads lies. */
export const places = {
  root,
  dashboards: path.join(root, 'charts/mysmtp/dashboards'),
  alerts: path.join(root, 'charts/mysmtp/alerts'),
  alertTests: path.join(root, 'charts/tests/alerts'),
  runbooks: path.join(root, 'docs/runbooks'),
  document: path.join(root, 'docs/monitoring.md'),
} as const;
