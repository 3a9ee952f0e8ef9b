import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
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

/** A dashboard with the variables that all of ours have: data source, namespace, service. */
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
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    )
    .withVariable(choice('namespace', 'Namespace', 'label_values(mysmtp_gate_current, namespace)'))
    .withVariable(
      choice(
        'service',
        'Service',
        'label_values(mysmtp_gate_current{namespace=~"$namespace"}, job)',
      ),
    );
  let id = 0;
  for (const { title, panels } of about.rows) {
    builder.withRow(new RowBuilder(title).id((id += 1)));
    for (const panel of panels) builder.withPanel(numbered(panel, (id += 1)));
  }
  return builder.build();
}

/** `.*` and not Grafana's list of values: it also takes what has no such label. */
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

/** Grafana wants ids that stay, so that links to a panel do. */
const numbered = (panel: Builder<Panel>, id: number): Builder<Panel> => ({
  build: () => ({ ...panel.build(), id }),
});
