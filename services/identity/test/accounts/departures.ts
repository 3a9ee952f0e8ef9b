import { randomUUID } from 'node:crypto';
import { hashToken } from '@mysmtp/http';
import { expect, test } from 'vitest';
import type { TokenHolder } from '../../src/tokens/tokens.ts';
import { elsewhere, help, manager, stores } from './processes.ts';

type Key = Awaited<ReturnType<typeof stores.tokens.create>>;

const actorOf = ({ id }: { readonly id: string }) => ({ kind: 'person', id }) as const;

const keyOf = (
  maker: { readonly id: string; readonly kind?: 'person' | 'token' },
  tenant: string,
  scopes?: TokenHolder['scopes'],
): Promise<Key> =>
  stores.tokens.create(
    { kind: maker.kind ?? 'person', id: maker.id },
    { role: 'owner', tenant, scopes },
  );

/** In another process. */
const isValid = async ({ token }: Key): Promise<boolean> =>
  (await elsewhere.tokens.lookUp(hashToken(token), '192.0.2.1')) !== undefined;

const valid = (...keys: Key[]): Promise<boolean[]> => Promise.all(keys.map(isValid));

export function departureTests(): void {
  test('API keys end with the person who created them, however the person goes', async () => {
    const owner = await help.signUp();
    const { tenant } = owner;
    const { account, rights, team } = stores.accounts;
    const ways = {
      removed: (id: string) => team.remove(manager, tenant, id),
      erased: (id: string) => rights.close(tenant, id),
    };
    const kept = await keyOf(owner, tenant);
    for (const go of Object.values(ways)) {
      const { id } = await help.invited(tenant, 'admin');
      const key = await keyOf({ id }, tenant, ['domains:write']);
      const child = await keyOf({ id: key.id, kind: 'token' }, tenant, ['domains:write']);
      const list = await stores.tokens.list(tenant);
      expect(list.filter(({ createdBy }) => createdBy === id)).toHaveLength(2);
      // Whoever takes it over gets a key of the own.
      const taken = await keyOf({ id }, tenant, ['domains:read']);
      const successor = await stores.tokens.rotate(actorOf(owner), taken.id, 1);
      expect(await valid(key, child, taken, successor as Key, kept)).toEqual(
        Array.from({ length: 5 }, () => true),
      );
      await go(id);
      expect(await valid(key, child, taken, successor as Key, kept)).toEqual([
        false,
        false,
        false,
        true,
        true,
      ]);
    }
    const leaver = await help.invited(tenant, 'developer');
    const key = await keyOf(leaver, tenant, ['domains:read']);
    await account.leave(await help.principalOf(leaver.session));
    expect(await valid(key, kept)).toEqual([false, true]);
  });

  test('a key ends when its creator may not create it any more', async () => {
    const owner = await help.signUp();
    const { tenant } = owner;
    const { team } = stores.accounts;
    const member = await help.invited(tenant, 'admin');
    const writing = await keyOf(member, tenant, ['domains:write', 'domains:read']);
    const reading = await keyOf(member, tenant, ['domains:read']);
    await team.setRole(manager, tenant, member.id, 'developer');
    expect(await valid(writing, reading)).toEqual([false, true]);
    await team.setRole(manager, tenant, member.id, 'admin');
    expect(await isValid(reading)).toBe(true);

    // Otherwise the former owner could take the ownership back with it.
    const everything = await keyOf(owner, tenant);
    const some = await keyOf(owner, tenant, ['domains:write']);
    await team.transfer(manager, tenant, owner.id, member.id);
    expect(await valid(everything, some)).toEqual([false, true]);
  });

  test('the keys of a person who has left end also if a process has stopped in between', async () => {
    const owner = await help.signUp();
    const kept = await keyOf(owner, owner.tenant);
    const ofNobody = await stores.tokens.create(manager, { role: 'owner', tenant: owner.tenant });
    const gone = { id: randomUUID() };
    const left = await keyOf(gone, owner.tenant);
    // An operator gives it to the tenant.
    const wish = { name: 'Customer', domain: `${gone.id}.example` };
    const { ownerToken: token } = await stores.tenants.register(actorOf(gone), wish);
    await elsewhere.accounts.departures.sweep();
    expect(await valid(kept, ofNobody, { id: '', token }, left)).toEqual([true, true, true, false]);
  });

  test('invitations end with a person who leaves, too', async () => {
    const owner = await help.signUp();
    const { account, registration } = stores.accounts;
    const leaver = await help.invited(owner.tenant, 'admin');
    const invitation = { address: `${randomUUID()}@example.org`, role: 'admin' } as const;
    await registration.invite(actorOf(leaver), owner.tenant, invitation);
    expect(await registration.listInvitations(owner.tenant)).toHaveLength(1);
    await account.leave(await help.principalOf(leaver.session));
    expect(await registration.listInvitations(owner.tenant)).toEqual([]);
  });
}
