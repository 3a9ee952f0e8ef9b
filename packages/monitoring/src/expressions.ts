import { parser } from '@prometheus-io/lezer-promql';

/** The vector selectors of an expression, as they stand in it; throws where it is no PromQL. */
export function selectorsOf(expr: string): string[] {
  const selectors: string[] = [];
  parser.parse(expr).iterate({
    enter({ type, from, to }) {
      if (type.isError) throw new Error(`Not PromQL at ${String(from)}: ${expr}`);
      if (type.name === 'VectorSelector') selectors.push(expr.slice(from, to));
    },
  });
  return selectors;
}

/** The metrics of ours that expressions ask for; a histogram by the name that it is registered under. */
export const metricsOf = (expressions: readonly string[]): Set<string> =>
  new Set(
    expressions
      .flatMap((expr) => selectorsOf(expr))
      .map((selector) => /^\w+/.exec(selector)?.[0] ?? '')
      .map((name) => name.replace(/_(?:bucket|count|sum)$/, '')),
  );

/** Where a dashboard's variables stand, as Grafana would fill them in for all that there is. */
export function withoutVariables(expr: string, rateInterval: string): string {
  return expr
    .replaceAll('$namespace', '.*')
    .replaceAll('$service', '.*')
    .replaceAll('$pod', '.*')
    .replaceAll('$__rate_interval', rateInterval);
}
