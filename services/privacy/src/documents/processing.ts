import {
  CodedError,
  day,
  hour,
  keptUnderKeys,
  type KeyDays,
  type Registry,
} from '@mysmtp/contracts';
import { categoryIds, categoryOfCollection, type CategoryId } from './categories.ts';

type Collection = Registry['collections'][number];
type Queue = Registry['queues'][number];
type Basis = Collection['basis'];

/** What is processed in one category, in this installation. */
export interface Processing {
  readonly category: CategoryId;
  readonly bases: readonly Basis[];
  /** The longest limit of its stores, in milliseconds; `null` if none has one. */
  readonly limit: number | null;
  readonly services: readonly string[];
  readonly protections: readonly string[];
  /** Ids in the registry. */
  readonly stores: readonly string[];
}

/** A queue has the data of its consumer's store, so its legal basis is enough to tell its category. */
const categoryOfQueue: Readonly<Record<Basis, CategoryId>> = {
  'instruction of the customer': 'mail',
  contract: 'sending',
  'legal obligation': 'requests',
  'legitimate interest': 'security',
  consent: 'consents',
  'none needed': 'requests',
};

/** Throws for a collection without a category: what we do not explain must not exist. */
function categoryOf(store: Collection | Queue): CategoryId {
  if ('queue' in store) return categoryOfQueue[store.basis];
  const id = store.id.replace(/^\w+\.(?=identityProjection$)/, '*.');
  const category = categoryOfCollection[id];
  if (category === undefined) {
    const problem = `${store.id} has no category in services/privacy/src/documents/categories.ts`;
    throw new CodedError('internal_fault', problem);
  }
  return category;
}

/**
 * The setting for how long a store keeps data. No service starts with one that exceeds the life of the keys, and
 * the chart refuses it, so the life of the keys is the limit that is stated.
 */
export const settingOf: Readonly<Record<string, string>> = {
  'ingress.spool.files': 'SPOOL_RETENTION',
  'ingress.spool.chunks': 'SPOOL_RETENTION',
  'delivery.deferred': 'EXPIRY',
  'logging.messages': 'USAGE_LOG_LONGEST',
  'privacy.deadLetters': 'DEAD_LETTER_RETENTION',
};

/** No operator can set more, in days. */
const most: Readonly<Record<string, number>> = { USAGE_LOG_LONGEST: 30 };

/** The time after which a store has no record any more, with these lives of keys. In milliseconds. */
function limitOf({ id, limit }: Collection | Queue, days: KeyDays): number | null {
  const setting = settingOf[id];
  if (setting === undefined) return limit;
  const lives = keptUnderKeys
    .filter((rule) => rule.setting === setting)
    .map(({ purpose, sparedDays }) => days[purpose] - sparedDays);
  return Math.min(...lives, most[setting] ?? Number.POSITIVE_INFINITY) * day + hour;
}

/** All processing of personal data, by category. */
export function processingOf(registry: Registry, days: KeyDays): Processing[] {
  const stores = [...registry.collections, ...registry.queues].filter(
    ({ basis }) => basis !== 'none needed',
  );
  const log = {
    category: 'security' as const,
    bases: [...new Set(registry.logKeys.map(({ basis }) => basis))],
    stores: ['log lines'],
  };
  return categoryIds.flatMap((category) => {
    const own = stores.filter((store) => categoryOf(store) === category);
    const logs = category === log.category ? log : { bases: [], stores: [] };
    if (own.length + logs.stores.length === 0) return [];
    const limits = own.flatMap((store) => limitOf(store, days) ?? []);
    return {
      category,
      bases: unique([...own.map(({ basis }) => basis), ...logs.bases]),
      limit: limits.length === 0 ? null : Math.max(...limits),
      services: unique(own.map(({ service }) => service)),
      protections: unique(own.flatMap(protectionsOf)),
      stores: [...own.map(({ id }) => id), ...logs.stores],
    };
  });
}

const protectionsOf = (store: Collection | Queue): string[] =>
  'fields' in store
    ? Object.values(store.fields).map((field) =>
        typeof field === 'string' ? field : field.protection,
      )
    : [];

const unique = <T extends string>(values: readonly T[]): T[] =>
  [...new Set(values)].toSorted((a, b) => a.localeCompare(b));
