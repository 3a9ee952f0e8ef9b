import { randomUUID } from 'node:crypto';
import { day } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { NotNowError, NotThereError } from '../../src/accounts/parts.ts';
import { ThrottledError } from '../../src/accounts/sign-in-throttle.ts';
import { AddressTakenError } from '../../src/people/people.ts';
import type { Stores } from '../../src/stores.ts';
import { readDatabase } from '../support/documents.ts';
import { device, newClient, password } from '../support/people.ts';
import { clock, elsewhere, help, lines, manager, stores, successes, world } from './processes.ts';

export function invitationTests(): void {
  test('invitations: with a role, once, for seven days, and not twice to one address', async () => {
    const owner = await help.signUp();
    const { registration, people } = stores.accounts;
    const invite = (address: string, role: 'owner' | 'reader' = 'reader') =>
      registration.invite(manager, owner.tenant, { address, role });
    await expect(invite(owner.address)).rejects.toThrow(AddressTakenError);
    await expect(invite('second@example.org', 'owner')).rejects.toThrow(NotNowError);
    await invite('late@example.org');
    const late = await help.secretFor('late@example.org');
    clock.ahead += 7 * day;
    const choice = { password, device };
    await expect(registration.accept(late, choice)).rejects.toThrow(NotThereError);

    const { id } = await invite('withdrawn@example.org');
    expect(await registration.listInvitations(owner.tenant)).toMatchObject([
      { id, role: 'reader' },
    ]);
    await expect(registration.withdraw(manager, (await help.signUp()).tenant, id)).rejects.toThrow(
      NotThereError,
    );
    await registration.withdraw(manager, owner.tenant, id);
    const withdrawn = await help.secretFor('withdrawn@example.org');
    await expect(registration.accept(withdrawn, choice)).rejects.toThrow(NotThereError);

    await invite('once@example.org');
    const secret = await help.secretFor('once@example.org');
    const acts = [stores, elsewhere].map(
      (process) => () => process.accounts.registration.accept(secret, choice),
    );
    expect(await successes(acts)).toBe(1);
    expect(await people.list(owner.tenant)).toHaveLength(2);
  });

  test('a tenant invites at most twenty people in a day, by all processes together', async () => {
    const owner = await help.signUp();
    const invite = (process: Stores, name: string) =>
      process.accounts.registration.invite(manager, owner.tenant, {
        address: `${name}-${owner.tenant}@example.org`,
        role: 'reader',
      });
    const names = Array.from({ length: 30 }, (_, at) => String(at));
    const acts = names.map((name, at) => () => invite(at % 2 === 0 ? stores : elsewhere, name));
    expect(await successes(acts)).toBe(20);
    const refused = await invite(stores, 'refused').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ThrottledError);
    expect((refused as ThrottledError).seconds).toBeGreaterThan(86_000);
    expect((refused as ThrottledError).seconds).toBeLessThanOrEqual(86_400);
    const { registration } = stores.accounts;
    // A withdrawn invitation was sent, too.
    for (const { id } of await registration.listInvitations(owner.tenant)) {
      await registration.withdraw(manager, owner.tenant, id);
    }
    await expect(invite(elsewhere, 'refused')).rejects.toThrow(ThrottledError);
    const line = expect.stringMatching(/"event":"invitation\.refused".*"tenant":/);
    expect(lines).toContainEqual(line);
    // Another tenant has a count of its own.
    await help.invited((await help.signUp()).tenant, 'reader');
    const read = () =>
      readDatabase(world.mongodbUrl, (db) =>
        db
          .collection<{ _id: string; invitations?: unknown }>('tenants')
          .findOne({ _id: owner.tenant }),
      );
    expect((await read())?.invitations).toEqual({ count: 20, since: expect.any(Number) });
    clock.ahead += day;
    expect(await successes([() => invite(stores, 'a'), () => invite(elsewhere, 'b')])).toBe(2);
    expect((await read())?.invitations).toMatchObject({ count: 2 });
  });

  test('invitations of a person who is removed, or may not invite any more, end', async () => {
    const owner = await help.signUp();
    const { team, registration } = stores.accounts;
    const [removed, lowered] = [
      await help.invited(owner.tenant, 'admin'),
      await help.invited(owner.tenant, 'admin'),
    ];
    const inviteBy = (id: string) =>
      registration.invite({ kind: 'person', id }, owner.tenant, {
        address: `${randomUUID()}@example.org`,
        role: 'admin',
      });
    for (const { id } of [removed, lowered]) await inviteBy(id);
    const { id: kept } = await inviteBy(owner.id);
    await team.setRole(manager, owner.tenant, lowered.id, 'reader');
    expect(await registration.listInvitations(owner.tenant)).toHaveLength(2);
    await team.remove(manager, owner.tenant, removed.id);
    expect(await registration.listInvitations(owner.tenant)).toMatchObject([{ id: kept }]);
  });

  test('the mail of an invitation has no text that the tenant has chosen, only its verified domain', async () => {
    const { registration } = stores.accounts;
    const address = `${randomUUID()}@example.org`;
    await registration.signUp(address, newClient());
    const name = 'You have won https://evil.example call 0800 1234';
    const choice = { tenant: name, password, device };
    const { tenant } = await registration.finishSignUp(await help.secretFor(address), choice);
    const textOf = async (to: string) => {
      await registration.invite(manager, tenant, { address: to, role: 'reader' });
      await stores.notices.submitDue();
      return world.ingress.submitted.filter((one) => one.to === to).at(-1)?.text;
    };
    const unverified = `unverified-${tenant}.example`;
    await stores.domains.add(manager, tenant, unverified);
    const before = await textOf(`first-${tenant}@example.net`);
    expect(before).toContain(
      'a customer of mySMTP without a verified domain, with the role reader.',
    );
    expect(before).not.toMatch(/evil|won|0800/);
    expect(before).not.toContain(unverified);
    const vouched = `vouched-${tenant}.example`;
    await stores.domains.add(manager, tenant, vouched, { reason: 'A test', withoutDns: true });
    const after = await textOf(`second-${tenant}@example.net`);
    expect(after).toContain(
      `the account of the customer with the domain ${vouched}, with the role`,
    );
    expect(after).not.toMatch(/evil|won|0800/);
  });
}
