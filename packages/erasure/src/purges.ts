import {
  CodedError,
  registry,
  subjectKinds,
  type SomeCanaries,
  type Collection,
  type ErasureRule,
  type Fence,
  type FenceOf,
  type ServiceName,
  type SubjectKind,
} from '@mysmtp/contracts';
import { isSearchable, pathsFor } from './find-records.ts';

type Count = (removed: number) => Promise<void>;

/**
 * Removes everything of the subject from one store and counts the removed records. Idempotent, also after
 * an interruption.
 */
export type Purge<Kind extends SubjectKind> = (
  fence: FenceOf<Kind>,
  count: Count,
  /** The planted records, if the subject does not find them. */
  canaries: SomeCanaries,
) => Promise<void>;

/**
 * How to purge each store that must give a receipt at the `purge` stage, by kind of subject. A store without
 * data of this kind has no entry; its receipt is given without one.
 */
export type Purges = {
  readonly [Kind in SubjectKind]?: Readonly<Record<string, Purge<Kind>>>;
};

type Plant<Kind extends SubjectKind> = (fence: FenceOf<Kind>) => Promise<SomeCanaries>;

/** Plants the canaries of this service through the ordinary interfaces, by kind of subject. */
export type Planting = { readonly [Kind in SubjectKind]?: Plant<Kind> };

export interface StorePurge {
  readonly store: string;
  remove(count: Count): Promise<void>;
}

/** The stores of a service that must answer, with the paths of the registry for this kind. */
const storesOf = (service: ServiceName): (Collection & { readonly subject: ErasureRule })[] =>
  registry.collections
    .filter(isSearchable)
    .filter((held) => held.service === service && held.subject.erased === 'purge');

/** The purge of each store for this subject; `undefined` if there is none for its kind. */
export function purgesFor(
  service: ServiceName,
  { erasure, subject }: Fence,
  purges: Purges,
  canaries: SomeCanaries = {},
): readonly StorePurge[] | undefined {
  const choose = <Kind extends SubjectKind>(kind: Kind, fence: FenceOf<Kind>) => {
    const ofKind: Readonly<Record<string, Purge<Kind>>> | undefined = purges[kind];
    if (ofKind === undefined) return undefined;
    const without = storesOf(service).flatMap((held) =>
      pathsFor(kind, held) === null && !Object.hasOwn(ofKind, held.id) ? [held.id] : [],
    );
    return [
      ...Object.entries(ofKind).map(([store, purge]) => ({
        store,
        remove: (count: Count) => purge(fence, count, canaries),
      })),
      ...without.map((store) => ({ store, remove: (count: Count) => count(0) })),
    ];
  };
  return choose(subject.kind, { ...subject, erasure });
}

/** Plants for this subject. Does nothing if its kind has no canaries here. */
export async function plantFor(
  { erasure, subject }: Fence,
  planting: Planting,
): Promise<SomeCanaries> {
  const choose = async <Kind extends SubjectKind>(kind: Kind, fence: FenceOf<Kind>) => {
    const plant: Plant<Kind> | undefined = planting[kind];
    return (await plant?.(fence)) ?? {};
  };
  return choose(subject.kind, { ...subject, erasure });
}

/**
 * Checks the purges against the stores of the registry. A service that cannot purge one of its stores
 * must not run. This applies to tenants and to each other kind for which it has purges. A store without data
 * of a kind needs no purge for it.
 */
export function checkPurges(service: ServiceName, purges: Purges): void {
  const stores = storesOf(service);
  for (const kind of subjectKinds) {
    const ofKind = purges[kind] ?? (kind === 'tenant' ? {} : undefined);
    if (ofKind === undefined) continue;
    const missing = stores
      .filter((held) => pathsFor(kind, held) !== null && !Object.hasOwn(ofKind, held.id))
      .map(({ id }) => id);
    const unknown = Object.keys(ofKind).filter((store) => !stores.some(({ id }) => id === store));
    const problems = [
      ...missing.map((store) => `No purge for ${store}`),
      ...unknown.map((store) => `Not in the registry: ${store}`),
    ];
    if (problems.length > 0) throw new CodedError('purges_not_registered', problems.join('; '));
  }
}
