import type { People } from '../people/people.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { Notices } from '../notices/notices.ts';
import type { NoticeKind, NoticeValues } from '../notices/templates.ts';

/** Sends a notice to the owners of a tenant: the registered address, and the account with this role. */
export type NoticeOwners = <Kind extends NoticeKind>(
  tenant: string,
  kind: Kind,
  values: NoticeValues<Kind>,
) => Promise<void>;

export function createNoticeOwners({
  tenants,
  people,
  notices,
}: {
  readonly tenants: Pick<Tenants, 'find'>;
  readonly people: Pick<People, 'list' | 'addressOf'>;
  readonly notices: Pick<Notices, 'send'>;
}): NoticeOwners {
  return async (tenant, kind, values) => {
    const addresses = new Set<string>();
    const registered = (await tenants.find(tenant))?.owner ?? null;
    if (registered !== null) addresses.add(registered);
    for (const person of await people.list(tenant)) {
      if (person.role === 'owner') addresses.add(await people.addressOf(person));
    }
    for (const address of addresses) await notices.send(tenant, address, kind, values);
  };
}
