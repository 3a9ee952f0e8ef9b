import type { Collection, Registry, Word } from '@mysmtp/contracts';
import type { Inventory } from './inventory.ts';

/** The differences between the registry and the servers, a line each. */
export interface Drift {
  /** Found, and in no registry. */
  readonly unregistered: readonly string[];
  /** Registered, and not found. */
  readonly missing: readonly string[];
}

export function compare(registry: Registry, found: Inventory): Drift {
  const parts = [
    ...compareCollections(registry, found),
    comparePatterns(
      'queue',
      registry.queues.map(({ queue }) => queue),
      found.queues,
    ),
    comparePatterns('exchange', registry.exchanges, found.exchanges),
    compareWords('log key', registry.logKeys, found.logKeys),
    compareWords('metric label', registry.metricLabels, found.metricLabels),
  ];
  return {
    unregistered: parts.flatMap(({ unregistered }) => unregistered),
    missing: parts.flatMap(({ missing }) => missing),
  };
}

function compareCollections({ collections }: Registry, found: Inventory): Drift[] {
  const names = collections.map(({ service, collection }) => inService(service, collection));
  return [
    comparePatterns('collection', names, new Set(found.collections.keys())),
    ...collections.map((held) => compareFields(held, found)),
  ];
}

/** A pattern keeps its slashes: `/^messages_…$/` becomes `/^logging\.messages_…$/`. */
const inService = (service: string, name: string): string =>
  name.startsWith('/^') ? String.raw`/^${service}\.${name.slice(2)}` : `${service}.${name}`;

function compareFields({ id, service, collection, fields }: Collection, found: Inventory): Drift {
  const there = new Set<string>();
  for (const [name, paths] of found.collections) {
    if (matches(inService(service, collection), name)) for (const path of paths) there.add(path);
  }
  const usual = Object.entries(fields).filter(([, field]) => typeof field === 'string');
  return {
    unregistered: [...there]
      .filter((path) => !(path in fields))
      .map((path) => `${id}: field ${path}`),
    missing: usual.filter(([path]) => !there.has(path)).map(([path]) => `${id}: field ${path}`),
  };
}

function comparePatterns(
  what: string,
  registered: readonly string[],
  there: ReadonlySet<string>,
): Drift {
  return {
    unregistered: [...there]
      .filter((name) => !registered.some((pattern) => matches(pattern, name)))
      .map((name) => `${what} ${name}`),
    missing: registered
      .filter((pattern) => ![...there].some((name) => matches(pattern, name)))
      .map((pattern) => `${what} ${pattern}`),
  };
}

function compareWords(
  what: string,
  registered: readonly Word[],
  there: ReadonlySet<string>,
): Drift {
  const names = new Set(registered.map(({ name }) => name));
  return {
    unregistered: [...there].filter((name) => !names.has(name)).map((name) => `${what} ${name}`),
    missing: registered
      .filter(({ name, rare }) => rare !== true && !there.has(name))
      .map(({ name }) => `${what} ${name}`),
  };
}

const matches = (pattern: string, name: string): boolean =>
  pattern.startsWith('/') ? new RegExp(pattern.slice(1, -1)).test(name) : pattern === name;
