import {
  CodedError,
  dayPurposes,
  type DayPurpose,
  type KeyId,
  type TenantKeyState,
} from '@mysmtp/contracts';
import type { KeysAnswer } from '@mysmtp/keys';
import type { Model } from 'mongoose';
import type { TenantDocument } from './tenant.ts';
import { LostKeyError, unwrap } from './wrap.ts';
import { clockDoubt, type ClockMeans } from '../keyring/day-roots.ts';
import { dayRootId, endOfDayKeys, openDays } from '../keyring/days.ts';
import { deriveKey } from '../keyring/derive.ts';
import type { Root, Roots } from '../keyring/roots.ts';

interface Means extends ClockMeans {
  readonly roots: Roots;
  readonly tenants: Model<TenantDocument>;
}

/**
 * The keys of a tenant: those asked for, or all that a process needs today and tomorrow. Their octets
 * are the caller's to overwrite.
 */
export async function resolveKeys(
  tenant: string,
  ids: readonly KeyId[] | undefined,
  means: Means,
): Promise<KeysAnswer<Buffer>> {
  const known = await means.tenants.findById(tenant).lean();
  if (known === null || known.state === 'preparing') return nothing('unknown');
  if (known.state !== 'active') return nothing(known.state);

  const master = await masterKey(known, means.roots);
  if (master === undefined) {
    // Its epoch was destroyed after we read it: then it lies under the next one by now.
    if (await means.tenants.exists({ _id: tenant, epoch: known.epoch })) throw new LostKeyError();
    return resolveKeys(tenant, ids, means);
  }
  const keys: Record<KeyId, Buffer> = {};
  const destroyed: KeyId[] = [];
  try {
    for (const id of ids ?? unaskedIds(means.clock.now())) {
      const key = await keyOf(tenant, id, master, means);
      if (key === undefined) destroyed.push(id);
      else keys[id] = key;
    }
    return { state: 'active', keys, destroyed };
  } catch (error) {
    for (const key of Object.values(keys)) key.fill(0);
    throw error;
  } finally {
    master.fill(0);
  }
}

const nothing = (state: TenantKeyState): KeysAnswer<Buffer> => ({
  state,
  keys: {},
  destroyed: [],
});

/** What a process needs today and tomorrow. */
export function unaskedIds(now: number): KeyId[] {
  const ofDays = openDays(now).flatMap((day) => dayPurposes.map((purpose) => `${purpose}:${day}`));
  return ['account', 'index', ...ofDays];
}

async function masterKey(tenant: TenantDocument, roots: Roots): Promise<Buffer | undefined> {
  if (tenant.epoch === null || tenant.wrapped === null) throw new LostKeyError();
  const epoch = await roots.find(tenant.epoch);
  return epoch === undefined ? undefined : unwrap(tenant.wrapped, tenant._id, epoch);
}

async function keyOf(
  tenant: string,
  id: KeyId,
  master: Buffer,
  means: Means,
): Promise<Buffer | undefined> {
  const [purpose, day] = id.split(':');
  if (purpose === undefined || day === undefined) return deriveKey(tenant, id, master);
  const root = await dayRoot(purpose as DayPurpose, day, means);
  return root === undefined || root.retired
    ? undefined
    : deriveKey(tenant, id, master, root.secret);
}

/** A root is made for today and tomorrow only: a past day without one has sealed nothing. */
async function dayRoot(purpose: DayPurpose, day: string, means: Means): Promise<Root | undefined> {
  const { roots, days, clock } = means;
  const now = clock.now();
  if (openDays(now).includes(day)) return roots.ensureDay(purpose, day);
  const root = await roots.find(dayRootId(purpose, day));
  // Mail that is still undelivered holds its root back, and needs the key as long as that.
  if (root === undefined || root.retired || purpose !== 'events') return root;
  if (now < endOfDayKeys(purpose, day, days)) return root;
  // What the usage log holds of that day is over, whether or not the job has come to its root. By a
  // wrong clock it is not, and who hears "destroyed" drops what was sealed.
  const doubt = await clockDoubt(means, await roots.living());
  if (doubt !== undefined) {
    const text = `Nobody can say whether the day is over: ${doubt.reason}`;
    throw new CodedError('day_in_doubt', text);
  }
  return undefined;
}
