import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { mailFlow } from './mail-flow.ts';
import { objectives } from './objectives.ts';
import { privacy } from './privacy.ts';

/** Every dashboard, by the name of its file. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  'mail-flow.json': mailFlow,
  'objectives.json': objectives,
  'privacy.json': privacy,
};

/** A panel with its Prometheus queries. */
export interface PanelQueries {
  readonly title: string;
  readonly queries: readonly string[];
}

/** The panels of a dashboard without its rows, as Grafana gets them. */
export function panelsOf(dashboard: Dashboard): PanelQueries[] {
  return (dashboard.panels ?? []).flatMap((panel) => {
    if (!('targets' in panel)) return [];
    const { title = '', targets = [] } = panel;
    return { title, queries: targets.map((target) => (target as { expr?: string }).expr ?? '') };
  });
}
