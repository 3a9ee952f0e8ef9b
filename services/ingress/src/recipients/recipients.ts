import { day } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { Sender } from '../credentials/sender.ts';
import type { RecipientStore } from './recipient-store.ts';
import { addIndex, addSketch, emptySketch, type Sketch } from './sketch.ts';
import {
  firstTimeRecipients,
  historyDays,
  historyOf,
  isUnusual,
  type RecipientDay,
  type RecipientHistory,
} from './unusual-recipients.ts';

type SentBy = Pick<Sender, 'tenant' | 'credential'>;

/** Finds credentials that send to unusually many first-time recipients, without a call on the path to the 250. */
export interface Recipients {
  /** Adds the blind indexes of the recipients of a message that got its 250. */
  add(sender: SentBy, indexes: Iterable<string>): void;
  /** Writes what this process has seen, and reads what all processes have. */
  sync(): Promise<void>;
  /** Makes the record of a tenant that has sent nothing, as the canary of an erasure. */
  plant(tenant: string): Promise<void>;
}

/** The current day of a credential that has sent on it. */
interface Current extends SentBy {
  readonly start: number;
  readonly sketch: Sketch;
  /** False if the database has everything that is in the sketch. */
  isChanged: boolean;
  /** Read at the first write of the day. */
  history: RecipientHistory | undefined;
}

/** Credentials in one read and write. */
const batchSize = 500;

export const startOfDay = (at: number): number => at - (at % day);

export function createRecipients(deps: {
  readonly store: Pick<RecipientStore, 'find' | 'write'>;
  readonly tenants: Pick<Tenants, 'writeAll' | 'fencedBy' | 'isCurrent' | 'onFence'>;
  readonly clock: { now(): number };
  /** May be called again on the same day, and by each process. */
  readonly unusual: (what: SentBy, day: number) => Promise<void>;
}): Recipients {
  const { store, tenants, clock } = deps;
  /** Two kilobytes for each credential that has sent today. */
  const current = new Map<string, Current>();
  /** Days that are over and not written completely. */
  let ended: Current[] = [];

  tenants.onFence(({ tenant }) => {
    for (const [id, one] of current) if (one.tenant === tenant) current.delete(id);
    ended = ended.filter((one) => one.tenant !== tenant);
  });

  function currentOf({ tenant, credential }: SentBy): Current {
    const start = startOfDay(clock.now());
    const known = current.get(credential);
    if (known?.start === start) return known;
    if (known?.isChanged === true) ended.push(known);
    const sketch = emptySketch();
    const made = { tenant, credential, start, sketch, isChanged: false, history: undefined };
    current.set(credential, made);
    return made;
  }

  async function syncSome(some: readonly Current[], today: number): Promise<void> {
    const stored = new Map<string, RecipientDay[]>();
    for (const one of await store.find(some.flatMap(neededDays))) {
      stored.set(one.credential, [...(stored.get(one.credential) ?? []), one]);
    }
    const writes: RecipientDay[] = [];
    for (const one of some) {
      const { tenant, credential, start, sketch } = one;
      const days = stored.get(credential) ?? [];
      one.history ??= historyOf(days, start);
      const written = days.find((found) => found.start === start);
      if (written !== undefined) addSketch(sketch, written.sketch);
      one.isChanged = written === undefined || Buffer.compare(sketch, written.sketch) !== 0;
      const first = firstTimeRecipients(one.history, sketch);
      const { since } = one.history;
      if (one.isChanged) {
        writes.push({ credential, tenant, start, since, first, sketch: sketch.slice() });
      }
      // A throttle ends with its day.
      if (start === today && isUnusual(first, one.history, start)) await deps.unusual(one, start);
    }
    if (writes.length > 0) await store.write(writes);
  }

  async function sync(): Promise<void> {
    // Sketches are kept until something may be written again.
    if (!tenants.isCurrent()) return;
    const today = startOfDay(clock.now());
    for (const [id, one] of current) {
      if (one.start === today) continue;
      current.delete(id);
      if (one.isChanged) ended.push(one);
    }
    // Days that are over are written first, because the current ones are compared with them.
    await syncChanged(ended, today);
    await syncChanged([...current.values()], today);
    ended = ended.filter(({ isChanged }) => isChanged);
  }

  async function syncChanged(all: readonly Current[], today: number): Promise<void> {
    const changed = all.filter(
      ({ isChanged, tenant }) => isChanged && tenants.fencedBy(tenant) === undefined,
    );
    for (let at = 0; at < changed.length; at += batchSize) {
      const some = changed.slice(at, at + batchSize);
      await tenants.writeAll(
        some.map(({ tenant }) => tenant),
        () => syncSome(some, today),
      );
    }
  }

  return {
    add(sender, indexes) {
      const one = currentOf(sender);
      for (const index of indexes) if (addIndex(one.sketch, index)) one.isChanged = true;
    },
    sync,
    async plant(tenant) {
      currentOf({ tenant, credential: tenant }).isChanged = true;
      await sync();
    },
  };
}

/** The days that are read: the current one, and those before it if they are not known yet. */
function neededDays({
  credential,
  start,
  history,
}: Current): { credential: string; start: number }[] {
  const count = history === undefined ? historyDays : 0;
  return Array.from({ length: count + 1 }, (_, n) => ({ credential, start: start - n * day }));
}
