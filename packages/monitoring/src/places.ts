import path from 'node:path';
import { repositoryRoot as root } from '@mysmtp/tooling';

/** The paths of the files that this package reads and writes. */
export const places = {
  dashboards: path.join(root, 'charts/mysmtp/dashboards'),
  alerts: path.join(root, 'charts/mysmtp/alerts'),
  alertTests: path.join(root, 'charts/tests/alerts'),
  alertmanager: path.join(root, 'charts/mysmtp/examples/alertmanager.yaml'),
  runbooks: path.join(root, 'docs/runbooks'),
  document: path.join(root, 'docs/monitoring.md'),
} as const;
