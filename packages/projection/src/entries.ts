import { isDeepStrictEqual } from 'node:util';
import {
  CodedError,
  type IdentityChange,
  type IdentityEntity,
  type StateOf,
} from '@mysmtp/contracts';

export type AnyState = NonNullable<IdentityChange['state']>;

/**
 * Told about every change that was applied. `before` is the state it replaces (`undefined` where
 * there was none), so that an index over some field can drop its old entry.
 */
export type ChangeListener = (change: IdentityChange, before: AnyState | undefined) => void;

/** A tombstone is `buried` if an erasure has put it here, until identity has its own. */
export type Entry = IdentityChange & { readonly buried?: true };

type Known = Pick<Entry, 'version' | 'state' | 'buried'>;

/**
 * True where `change` takes the place of what is known. Any order of arrival ends in the same
 * state: the greater version wins, and a tombstone wins for good, so that neither a late event nor
 * an older snapshot brings anything back.
 */
export function supersedes(change: Known, known: Known | undefined): boolean {
  if (known === undefined) return true;
  if (known.state === null) return known.buried === true && change.state === null;
  return change.state === null || change.version > known.version;
}

export interface Entries {
  /** Returns false for what is old news. */
  apply(change: Entry): boolean;
  /**
   * Takes what identity says now in the place of whatever is known, a tombstone too; returns false if that
   * changes nothing. What an erasure has buried does not come back.
   */
  settle(change: IdentityChange): boolean;
  /** Forgets an entity, unless it is buried: for this process it is not there. */
  hide(entity: string, id: string): void;
  /** Forgets what `isKept` does not keep, and is not buried, and returns it. */
  retain(isKept: (change: IdentityChange) => boolean): IdentityChange[];
  get<Entity extends IdentityEntity>(entity: Entity, id: string): StateOf<Entity> | undefined;
  all<Entity extends IdentityEntity>(entity: Entity): Iterable<[id: string, StateOf<Entity>]>;
  /** It was there once and is no more, for good; false for what was never heard of. */
  isRemoved(entity: IdentityEntity, id: string): boolean;
  /** Number of living entities, without tombstones. */
  count(entity: IdentityEntity): number;
  /** Puts tombstones in the place of a tenant and all that is its own, and returns them. */
  bury(tenant: string): Entry[];
  /** The listener first hears of everything that is known already, then of each change. */
  onChange(listener: ChangeListener): void;
}

/** What is known, in memory, tombstones included. */
export function createEntries(entities: readonly IdentityEntity[]): Entries {
  const known = new Map(entities.map((entity) => [entity, new Map<string, Entry>()]));
  const listeners: ChangeListener[] = [];

  const of = (entity: IdentityEntity): Map<string, Entry> => {
    const map = known.get(entity);
    if (map === undefined)
      throw new CodedError('internal_fault', `This projection does not hold ${entity}`);
    return map;
  };

  function* living(entity: IdentityEntity): Generator<[string, AnyState]> {
    for (const [id, { state }] of of(entity)) if (state !== null) yield [id, state];
  }

  function put(change: Entry, before: Entry | undefined): void {
    of(change.entity).set(change.id, change);
    for (const listener of listeners) listener(change, before?.state ?? undefined);
  }

  function drop(entry: Entry): void {
    for (const listener of listeners) listener(tombstoneOf(entry), entry.state ?? undefined);
    of(entry.entity).delete(entry.id);
  }

  function apply(change: Entry): boolean {
    const before = of(change.entity).get(change.id);
    if (!supersedes(change, before)) return false;
    put(change, before);
    return true;
  }

  function settle(change: IdentityChange): boolean {
    const before = of(change.entity).get(change.id);
    if (before?.buried === true && change.state !== null) return false;
    if (isDeepStrictEqual(before, change)) return false;
    put(change, before);
    return true;
  }

  function retain(isKept: (change: IdentityChange) => boolean): IdentityChange[] {
    const all = [...known.values()].flatMap((map) => [...map.values()]);
    const gone = all.filter((entry) => entry.buried !== true && !isKept(entry));
    for (const entry of gone) drop(entry);
    return gone;
  }

  return {
    apply,
    settle,
    retain,
    hide(entity, id) {
      const entry = known.get(entity as IdentityEntity)?.get(id);
      if (entry !== undefined && entry.buried !== true) drop(entry);
    },
    bury(tenant) {
      const own = [...known.values()].flatMap((map) =>
        [...map.values()].filter((change) => isOf(tenant, change)),
      );
      const tombstones = own.map(buriedOf);
      for (const tombstone of tombstones) apply(tombstone);
      return tombstones;
    },
    get: <Entity extends IdentityEntity>(entity: Entity, id: string) =>
      (of(entity).get(id)?.state ?? undefined) as StateOf<Entity> | undefined,
    all: <Entity extends IdentityEntity>(entity: Entity) =>
      living(entity) as Generator<[string, StateOf<Entity>]>,
    isRemoved: (entity, id) => of(entity).get(id)?.state === null,
    count: (entity) => living(entity).reduce((count) => count + 1, 0),
    onChange(listener) {
      listeners.push(listener);
      for (const map of known.values()) {
        for (const change of map.values()) listener(change, undefined);
      }
    },
  };
}

/** Whether this is a tenant, or something of its own, that lives. */
const isOf = (tenant: string, { entity, id, state }: IdentityChange): boolean =>
  state !== null &&
  (entity === 'tenant' ? id === tenant : 'tenant' in state && state.tenant === tenant);

export const buriedOf = (change: IdentityChange): Entry => ({
  ...tombstoneOf(change),
  buried: true,
});

const tombstoneOf = (change: IdentityChange): IdentityChange => ({
  ...change,
  version: change.version + 1,
  state: null,
});
