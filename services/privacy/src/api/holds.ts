import type { privacyApi } from '@mysmtp/api';
import { actorText, type Registry } from '@mysmtp/contracts';
import { problems, type Handlers } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Holds } from '../holds/register.ts';
import { addressesIn } from './requests.ts';

type HoldHandlers = Pick<Handlers<typeof privacyApi>, 'createHold' | 'listHolds' | 'releaseHold'>;

export function holdHandlers(deps: {
  readonly holds: Holds;
  readonly registry: Registry;
  readonly isActive: (tenant: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}): HoldHandlers {
  const { holds, registry, isActive, clock, log } = deps;
  const stores = registry.collections.filter(({ subject }) => subject !== null).map(({ id }) => id);

  return {
    async createHold({ principal, body: { tenant, address, store, ground, until } }) {
      const end = new Date(until);
      if (end.getTime() <= clock.now()) refuse('until', 'is in the past');
      if (!stores.includes(store)) refuse('store', 'is not in the registry, or has no such data');
      if (!(await isActive(tenant))) throw problems.notFound();
      const [canonical = ''] = addressesIn([address]);
      const approvedBy = actorText(principal);
      const id = await holds.add({
        tenant,
        address: canonical,
        store,
        ground,
        approvedBy,
        until: end,
      });
      log.warn('hold.approved', { actor: approvedBy, object: id, tenant, store });
      return { status: 201, headers: { location: `/v1/holds/${id}` }, body: { id } };
    },
    async listHolds() {
      const found = await holds.list();
      return {
        status: 200,
        body: {
          holds: found.map((hold) => ({
            id: hold._id,
            tenant: hold.tenant,
            store: hold.store,
            ground: hold.reason,
            approvedBy: hold.approvedBy,
            at: hold.at.toISOString(),
            until: hold.until.toISOString(),
            releasedAt: hold.releasedAt?.toISOString() ?? null,
          })),
        },
      };
    },
    async releaseHold({ principal, params: { id }, body: { reason } }) {
      const actor = actorText(principal);
      const released = await holds.release(id, actor, reason);
      if (released === undefined) throw problems.notFound();
      if (!released) throw problems.conflict('It has ended already');
      log.warn('hold.released', { actor, object: id });
      return { status: 204 };
    },
  };
}

function refuse(path: string, message: string): never {
  throw problems.invalid([{ path, message }]);
}
