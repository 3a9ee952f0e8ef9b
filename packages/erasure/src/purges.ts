import {
  CodedError,
  registry,
  type Canaries,
  type Fence,
  type FenceOf,
  type ServiceName,
  type SubjectKind,
} from '@mysmtp/contracts';

type Count = (removed: number) => Promise<void>;

/**
 * Removes everything of the subject from one store and counts the removed records. Idempotent, also after
 * an interruption.
 */
export type Purge<Kind extends SubjectKind> = (fence: FenceOf<Kind>, count: Count) => Promise<void>;

/** How to purge each store that must give a receipt at the `purge` stage, by kind of subject. */
export type Purges = {
  readonly [Kind in SubjectKind]?: Readonly<Record<string, Purge<Kind>>>;
};

type Plant<Kind extends SubjectKind> = (fence: FenceOf<Kind>) => Promise<Partial<Canaries>>;

/** Plants the canaries of this service through the ordinary interfaces, by kind of subject. */
export type Planting = { readonly [Kind in SubjectKind]?: Plant<Kind> };

export interface StorePurge {
  readonly store: string;
  remove(count: Count): Promise<void>;
}

/** The purge of each store for this subject; `undefined` if there is none for its kind. */
export function purgesFor(
  { erasure, subject }: Fence,
  purges: Purges,
): readonly StorePurge[] | undefined {
  const choose = <Kind extends SubjectKind>(kind: Kind, fence: FenceOf<Kind>) => {
    const ofKind: Readonly<Record<string, Purge<Kind>>> | undefined = purges[kind];
    if (ofKind === undefined) return undefined;
    return Object.entries(ofKind).map(([store, purge]) => ({
      store,
      remove: (count: Count) => purge(fence, count),
    }));
  };
  return choose(subject.kind, { ...subject, erasure });
}

/** Plants for this subject. Does nothing if its kind has no canaries here. */
export async function plantFor(
  { erasure, subject }: Fence,
  planting: Planting,
): Promise<Partial<Canaries>> {
  const choose = async <Kind extends SubjectKind>(kind: Kind, fence: FenceOf<Kind>) => {
    const plant: Plant<Kind> | undefined = planting[kind];
    return (await plant?.(fence)) ?? {};
  };
  return choose(subject.kind, { ...subject, erasure });
}

/**
 * Checks the purges against the stores of the registry. A service that cannot purge one of its stores
 * must not run. This applies to tenants and to each other kind for which it has purges.
 */
export function checkPurges(service: ServiceName, purges: Purges): void {
  const wanted = registry.collections
    .filter((held) => held.service === service && held.subject?.erased === 'purge')
    .map(({ id }) => id);
  for (const ofKind of Object.values({ tenant: {}, ...purges })) {
    const missing = wanted.filter((store) => !Object.hasOwn(ofKind, store));
    const unknown = Object.keys(ofKind).filter((store) => !wanted.includes(store));
    const problems = [
      ...missing.map((store) => `No purge for ${store}`),
      ...unknown.map((store) => `Not in the registry: ${store}`),
    ];
    if (problems.length > 0) throw new CodedError('purges_not_registered', problems.join('; '));
  }
}
