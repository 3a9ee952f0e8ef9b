export {
  alertFiles,
  readAlerts,
  readRecordings,
  watchdog,
  yamlFilesIn,
  type AlertRule,
  type RecordingRule,
} from './alerts.ts';
export { dashboards, panelsOf, type PanelQueries } from './dashboards/dashboards.ts';
export { selectorsOf, withoutVariables } from './expressions.ts';
export { bringPrometheus } from './prometheus.ts';
