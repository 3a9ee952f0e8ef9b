import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type AnnotationQuery,
  type Dashboard,
  type Panel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { datasource } from './panels.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

/** Of our own metrics, which no other application has. */
export const here = 'namespace=~"$namespace"';
const ofService = `${here}, job=~"$service", pod=~"$pod"`;
/** Of metrics that every process has: only ours (docs/monitoring.md), of the chosen services and pods. */
export const ours = `app_kubernetes_io_name="mysmtp", ${ofService}`;
export const rate = '$__rate_interval';

/**
 * A dashboard with the common elements: variables (data source, namespace, service, pod), links to the
 * others, and annotations that explain changes.
 */
export function dashboard(about: {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
}): Dashboard {
  const builder = new DashboardBuilder(about.title)
    .uid(about.uid)
    .description(about.description)
    .tags(['mysmtp'])
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .links([
      new DashboardLinkBuilder('mySMTP')
        .type(DashboardLinkType.Dashboards)
        .tags(['mysmtp'])
        .includeVars(true)
        .keepTime(true),
    ])
    .annotations(annotations)
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    )
    .withVariable(
      choice('namespace', 'Namespace', 'label_values(mysmtp_tenant_guard_current, namespace)'),
    )
    .withVariable(
      choice('service', 'Service', `label_values(mysmtp_tenant_guard_current{${here}}, job)`),
    )
    .withVariable(
      choice(
        'pod',
        'Pod',
        `label_values(mysmtp_tenant_guard_current{${here}, job=~"$service"}, pod)`,
      ),
    );
  let id = 0;
  for (const { title, panels } of about.rows) {
    builder.withRow(new RowBuilder(title).id((id += 1)));
    for (const panel of panels) builder.withPanel(numbered(panel, (id += 1)));
  }
  return builder.build();
}

/** Annotations that explain a change on a panel. */
const annotations: Builder<AnnotationQuery>[] = [
  mark('Starts of processes', 'blue', `process_start_time_seconds{${ours}} * 1000`, '{{pod}}')
    // The value is the time, so that a start is marked once, at its time.
    .useValueForTime(true),
  mark(
    'Firing alerts',
    'red',
    `ALERTS{alertname=~"Mysmtp.+", alertname!="MysmtpWatchdog", alertstate="firing", ${here}}`,
    '{{alertname}} {{severity}} {{job}} {{pod}}',
  ),
  mark(
    'Erasures under way',
    'purple',
    `sum by (namespace) (max by (namespace, state) (mysmtp_erasures{${here}, state!="completed_live"})) > 0`,
    '{{namespace}}',
  ),
];

function mark(name: string, colour: string, expr: string, text: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .enable(true)
    .iconColor(colour)
    .expr(expr)
    .titleFormat(name)
    .textFormat(text)
    .step('1m');
}

/** `.*` and not Grafana's list of values, because it also matches series without this label. */
function choice(name: string, label: string, query: string): Builder<VariableModel> {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}

/** Grafana needs stable ids for links to a panel. */
const numbered = (panel: Builder<Panel>, id: number): Builder<Panel> => ({
  build: () => ({ ...panel.build(), id }),
});
