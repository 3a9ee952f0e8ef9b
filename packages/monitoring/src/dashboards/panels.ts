import {
  DashboardLinkBuilder,
  DashboardLinkType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel,
  type Threshold,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as BarGaugePanel } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapPanel,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';

/** The queries of a panel: a legend for each expression. */
export type Queries = Readonly<Record<string, string>>;

export interface PanelText {
  readonly title: string;
  /** One sentence: the action, or the place to check. */
  readonly description: string;
  /** Of Grafana's list (`s`, `bytes`, `percentunit` …). */
  readonly unit: string;
  readonly queries: Queries;
  /** The value from which it is bad (red). Without it nothing is coloured. */
  readonly bad?: number;
  /** The value from which it needs attention (amber). */
  readonly odd?: number;
  /** Inverted colours: below the value is bad. */
  readonly lowIsBad?: boolean;
}

export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** Grafana's grid is 24 wide. */
const half = 12;
const sixth = 4;

/** Lines over time, two panels in a row. */
export function lines(text: PanelText): Builder<Panel> {
  const isLimited = text.odd !== undefined || text.bad !== undefined;
  return described(new TimeSeriesPanel(), text)
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        isLimited ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
      ),
    )
    .span(half)
    .height(8)
    .min(0)
    .lineWidth(1)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
}

/** The current number, six in a row. */
export function number(text: PanelText): Builder<Panel> {
  return described(new StatPanel(), text)
    .span(sixth)
    .height(4)
    .graphMode(BigValueGraphMode.Area)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(lastValue());
}

/** A bar for each series, current values. */
export function bars(text: PanelText & { readonly max: number }): Builder<Panel> {
  return described(new BarGaugePanel(), text)
    .span(half)
    .height(12)
    .min(0)
    .max(text.max)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(lastValue());
}

/** How many observations each bucket of a histogram got, over time. */
export function heatmap(
  text: Omit<PanelText, 'queries' | 'bad' | 'odd' | 'lowIsBad'> & { readonly buckets: string },
): Builder<Panel> {
  const panel = described(new HeatmapPanel(), { ...text, queries: { '{{le}}': text.buckets } });
  return panel
    .span(half)
    .height(8)
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges'))
    .targets([query('{{le}}', text.buckets, 0).format(PromQueryFormat.Heatmap)]);
}

/** The labels of each current series. */
export function table(text: PanelText): Builder<Panel> {
  const queries = Object.entries(text.queries);
  return described(new TablePanel(), text)
    .span(2 * half)
    .height(8)
    .targets(
      queries.map(([legend, expr], index) =>
        query(legend, expr, index).instant().format(PromQueryFormat.Table),
      ),
    );
}

const lastValue = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']);

/** The common part of the builders of all kinds of panels. */
interface Describable {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  datasource(ref: typeof datasource): this;
  thresholds(thresholds: ThresholdsConfigBuilder): this;
  targets(targets: DataqueryBuilder[]): this;
  links(links: DashboardLinkBuilder[]): this;
}

function described<P extends Describable>(panel: P, text: PanelText): P {
  return panel
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(datasource)
    .thresholds(thresholdsOf(text))
    .links(runbooksIn(text.description))
    .targets(
      Object.entries(text.queries).map(([legend, expr], index) => query(legend, expr, index)),
    );
}

const query = (legend: string, expr: string, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .refId(String.fromCodePoint('A'.codePointAt(0)! + index))
    .datasource(datasource)
    .expr(expr)
    .legendFormat(legend);

/** A link for each runbook that a description names. The chart makes the URL absolute. */
const runbooksIn = (description: string): DashboardLinkBuilder[] =>
  (description.match(/\bMysmtp\w+/g) ?? []).map((name) =>
    new DashboardLinkBuilder(`Runbook: ${name}`)
      .type(DashboardLinkType.Link)
      .url(`docs/runbooks/${name}.md`)
      .targetBlank(true),
  );

function thresholdsOf({ bad, odd, lowIsBad = false }: PanelText): ThresholdsConfigBuilder {
  const [lowest, highest] = lowIsBad ? ['red', 'green'] : ['green', 'red'];
  const steps: (Threshold | undefined)[] = [
    { value: null, color: lowest },
    odd === undefined ? undefined : { value: odd, color: 'orange' },
    bad === undefined ? undefined : { value: bad, color: highest },
  ];
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.filter((step) => step !== undefined));
}
