import { parser } from '@prometheus-io/lezer-promql';

/** The vector selectors of an expression, in its order; throws if it is no PromQL. */
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

/** Our metrics that expressions use; a histogram by its registered name. */
export const metricsOf = (expressions: readonly string[]): Set<string> =>
  new Set(
    expressions
      .flatMap((expr) => selectorsOf(expr))
      .map((selector) => /^\w+/.exec(selector)?.[0] ?? '')
      .map((name) => name.replace(/_(?:bucket|count|sum)$/, '')),
  );

/** Replaces the variables of a dashboard, as Grafana does with "All". */
export function withoutVariables(expr: string, rateInterval: string): string {
  return expr
    .replaceAll('$namespace', '.*')
    .replaceAll('$service', '.*')
    .replaceAll('$pod', '.*')
    .replaceAll('$__rate_interval', rateInterval);
}
