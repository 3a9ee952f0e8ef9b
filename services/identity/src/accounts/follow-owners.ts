import { operatorRealm, type Actor } from '@mysmtp/contracts';
import type { PersonDocument } from '../people/model.ts';
import type { People } from '../people/people.ts';
import type { Tenants } from '../tenants/tenants.ts';

/**
 * The address that is kept with a tenant follows the account of its owner: every change of an address and of
 * the ownership marks the account, and this writes the address to the tenant and removes the mark.
 */
export interface FollowOwners {
  /** Of one account, at once. */
  follow(person: { readonly tenant: string; readonly id: string }): Promise<void>;
  /** Of all marked accounts, also those of a process that stopped after the mark. */
  sweep(): Promise<void>;
}

export function createFollowOwners({
  people,
  tenants,
}: {
  readonly people: Pick<People, 'find' | 'addressOf' | 'newOwners' | 'ownerWritten'>;
  readonly tenants: Pick<Tenants, 'setOwner'>;
}): FollowOwners {
  async function write(marked: PersonDocument): Promise<void> {
    const { tenant, _id: id } = marked;
    const actor: Actor = { kind: 'person', id };
    if (tenant !== operatorRealm) {
      await tenants.setOwner(actor, tenant, async () => {
        const now = await people.find(tenant, id);
        return now?.role === 'owner' ? people.addressOf(now) : undefined;
      });
    }
    await people.ownerWritten(marked);
  }

  return {
    async follow({ tenant, id }) {
      const person = await people.find(tenant, id);
      if (person?.ownerSince !== undefined) await write(person);
    },
    async sweep() {
      for (const person of await people.newOwners()) await write(person);
    },
  };
}
