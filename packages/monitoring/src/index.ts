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
export { metricsOf, selectorsOf, withoutVariables } from './expressions.ts';
export { registeredMetrics } from './metrics.ts';
export { bringPrometheus } from './prometheus.ts';
