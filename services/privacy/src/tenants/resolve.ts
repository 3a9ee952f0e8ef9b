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
import { clockDoubt, type ClockDeps } from '../keyring/day-roots.ts';
import { dayRootId, endOfDayKeys, openDays } from '../keyring/days.ts';
import { deriveKey } from '../keyring/derive.ts';
import type { Root, Roots } from '../keyring/roots.ts';

interface ResolveDeps extends ClockDeps {
  readonly roots: Roots;
  readonly tenants: Model<TenantDocument>;
}

/**
 * The keys of a tenant: the requested ones, or all that a process needs today and tomorrow. The caller
 * must overwrite their octets.
 */
export async function resolveKeys(
  tenant: string,
  ids: readonly KeyId[] | undefined,
  deps: ResolveDeps,
): Promise<KeysAnswer<Buffer>> {
  const known = await deps.tenants.findById(tenant).lean();
  if (known === null || known.state === 'preparing') return nothing('unknown');
  if (known.state !== 'active') return nothing(known.state);

  const master = await masterKey(known, deps.roots);
  if (master === undefined) {
    // Its epoch was destroyed after this read. By now the key is wrapped under the next epoch.
    if (await deps.tenants.exists({ _id: tenant, epoch: known.epoch })) throw new LostKeyError();
    return resolveKeys(tenant, ids, deps);
  }
  const keys: Record<KeyId, Buffer> = {};
  const destroyed: KeyId[] = [];
  try {
    for (const id of ids ?? unaskedIds(deps.clock.now())) {
      const key = await keyOf(tenant, id, master, deps);
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
  const ofDays = dayPurposes.flatMap((purpose) =>
    openDays(purpose, now).map((day) => `${purpose}:${day}`),
  );
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
  deps: ResolveDeps,
): Promise<Buffer | undefined> {
  const [purpose, day] = id.split(':');
  if (purpose === undefined || day === undefined) return deriveKey(tenant, id, master);
  const root = await dayRoot(purpose as DayPurpose, day, deps);
  return root === undefined || root.retired
    ? undefined
    : deriveKey(tenant, id, master, root.secret);
}

/** Roots are made for today and tomorrow only. Nothing was sealed for a past day without a root. */
async function dayRoot(
  purpose: DayPurpose,
  day: string,
  deps: ResolveDeps,
): Promise<Root | undefined> {
  const { roots, days, clock } = deps;
  const now = clock.now();
  if (openDays(purpose, now).includes(day)) return roots.ensureDay(purpose, day);
  const root = await roots.find(dayRootId(purpose, day));
  // The root stays while mail of the day is undelivered, and this mail needs the key.
  if (root === undefined || root.retired || purpose === 'mail') return root;
  if (now < endOfDayKeys(purpose, day, days)) return root;
  // The log of that period is over, even if the job has not destroyed the root yet. If the clock is
  // wrong, the day may not be over. A service that gets "destroyed" drops what was sealed.
  const doubt = await clockDoubt(deps, await roots.active());
  if (doubt !== undefined) {
    const text = `It is uncertain whether the day is over: ${doubt.reason}`;
    throw new CodedError('day_in_doubt', text);
  }
  return undefined;
}
