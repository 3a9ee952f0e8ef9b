import { isDeepStrictEqual } from 'node:util';
import {
  CodedError,
  type IdentityChange,
  type IdentityEntity,
  type StateOf,
} from '@mysmtp/contracts';

export type AnyState = NonNullable<IdentityChange['state']>;

/**
 * Called for every applied change. `before` is the replaced state (`undefined` if there was none), so
 * that an index over a field can drop its old entry.
 */
export type ChangeListener = (change: IdentityChange, before: AnyState | undefined) => void;

/** A tombstone is `deleted` if an erasure created it here, until identity's own tombstone arrives. */
export type Entry = IdentityChange & { readonly deleted?: true };

type Known = Pick<Entry, 'version' | 'state' | 'deleted'>;

/**
 * True if `change` replaces the known state. The greater version wins, and a tombstone wins for ever. So
 * any order of arrival ends in the same state, and neither a late event nor an older snapshot restores
 * anything.
 */
export function supersedes(change: Known, known: Known | undefined): boolean {
  if (known === undefined) return true;
  if (known.state === null) return known.deleted === true && change.state === null;
  return change.state === null || change.version > known.version;
}

export interface Entries {
  /** Returns false if the change is not newer. */
  apply(change: Entry): boolean;
  /**
   * Replaces the known state by that of a snapshot, even if it is a tombstone. Returns false if nothing
   * changes. Entities that an erasure has deleted do not come back.
   */
  settle(change: IdentityChange): boolean;
  /** Removes an entity from memory, unless an erasure has deleted it. */
  hide(entity: string, id: string): void;
  /**
   * Removes entities for which `isKept` is false, except those that an erasure has deleted, and returns
   * them.
   */
  retain(isKept: (change: IdentityChange) => boolean): IdentityChange[];
  get<Entity extends IdentityEntity>(entity: Entity, id: string): StateOf<Entity> | undefined;
  all<Entity extends IdentityEntity>(entity: Entity): Iterable<[id: string, StateOf<Entity>]>;
  /** True if the entity existed and was deleted; false if it was never received. */
  isRemoved(entity: IdentityEntity, id: string): boolean;
  /** Number of active entities, without tombstones. */
  count(entity: IdentityEntity): number;
  /** Replaces a tenant and all its entities by tombstones, and returns them. */
  deleteTenant(tenant: string): Entry[];
  /** The listener first gets everything that is known already, then each change. */
  onChange(listener: ChangeListener): void;
}

/** The known entities in memory, tombstones included. */
export function createEntries(entities: readonly IdentityEntity[]): Entries {
  const known = new Map(entities.map((entity) => [entity, new Map<string, Entry>()]));
  const listeners: ChangeListener[] = [];

  const of = (entity: IdentityEntity): Map<string, Entry> => {
    const map = known.get(entity);
    if (map === undefined)
      throw new CodedError('internal_fault', `This projection has no entities of kind ${entity}`);
    return map;
  };

  function* active(entity: IdentityEntity): Generator<[string, AnyState]> {
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
    if (before?.deleted === true && change.state !== null) return false;
    if (isDeepStrictEqual(before, change)) return false;
    put(change, before);
    return true;
  }

  function retain(isKept: (change: IdentityChange) => boolean): IdentityChange[] {
    const all = [...known.values()].flatMap((map) => [...map.values()]);
    const removed = all.filter((entry) => entry.deleted !== true && !isKept(entry));
    for (const entry of removed) drop(entry);
    return removed;
  }

  return {
    apply,
    settle,
    retain,
    hide(entity, id) {
      const entry = known.get(entity as IdentityEntity)?.get(id);
      if (entry !== undefined && entry.deleted !== true) drop(entry);
    },
    deleteTenant(tenant) {
      const own = [...known.values()].flatMap((map) =>
        [...map.values()].filter((change) => isOf(tenant, change)),
      );
      const tombstones = own.map(deletedOf);
      for (const tombstone of tombstones) apply(tombstone);
      return tombstones;
    },
    get: <Entity extends IdentityEntity>(entity: Entity, id: string) =>
      (of(entity).get(id)?.state ?? undefined) as StateOf<Entity> | undefined,
    all: <Entity extends IdentityEntity>(entity: Entity) =>
      active(entity) as Generator<[string, StateOf<Entity>]>,
    isRemoved: (entity, id) => of(entity).get(id)?.state === null,
    count: (entity) => active(entity).reduce((count) => count + 1, 0),
    onChange(listener) {
      listeners.push(listener);
      for (const map of known.values()) {
        for (const change of map.values()) listener(change, undefined);
      }
    },
  };
}

/** True for an active tenant or an active entity that belongs to it. */
const isOf = (tenant: string, { entity, id, state }: IdentityChange): boolean =>
  state !== null &&
  (entity === 'tenant' ? id === tenant : 'tenant' in state && state.tenant === tenant);

export const deletedOf = (change: IdentityChange): Entry => ({
  ...tombstoneOf(change),
  deleted: true,
});

const tombstoneOf = (change: IdentityChange): IdentityChange => ({
  ...change,
  version: change.version + 1,
  state: null,
});
