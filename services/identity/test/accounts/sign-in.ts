import { minute, operatorRealm } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { WrongCredentialsError } from '../../src/accounts/parts.ts';
import { readDatabase } from '../support/documents.ts';
import { device, newClient, password } from '../support/people.ts';
import { clock, help, stores, world } from './processes.ts';

export function signInTests(): void {
  test('a sign-in never gives a session for the password alone', async () => {
    const person = await help.signUp();
    const request = await help.begin(person);
    expect(request).toMatchObject({ factors: ['code', 'recovery-code'], passkey: null });
    expect(JSON.stringify(request)).not.toContain('mysmtp_session_');
  });

  test.each([
    ['an unknown address', { address: 'nobody@example.org' }],
    ['a wrong password', { password: `${password} ` }],
    ['an unknown tenant', { tenant: '11111111-1111-4111-8111-111111111111' }],
    ['another tenant', { tenant: operatorRealm }],
  ])('%s gets the same refusal (ASVS 6.3.8)', async (_what, wrong) => {
    const { tenant, address } = await help.signUp();
    const wish = { tenant, address, password, device, from: newClient(), ...wrong };
    const refused = stores.accounts.signIn.withPassword(wish);
    await expect(refused).rejects.toThrow(new WrongCredentialsError());
  });

  test('a known device is no news, a new one or another network is told', async () => {
    const person = await help.signUp();
    const news = async () =>
      (await help.mailTo(person.address)).filter((subject) => subject.startsWith('A new device'));
    await help.signIn(person);
    expect(await news()).toHaveLength(0);
    const { tenant, address, from } = person;
    const wish = { tenant, address, password, device: 'Safari on a tablet', from };
    const request = await stores.accounts.signIn.withPassword(wish);
    await stores.accounts.signIn.withFactor(
      (request as { challenge: string }).challenge,
      { code: help.nextCode(person) },
      from,
    );
    expect(await news()).toHaveLength(1);
    for (const [client, told] of [
      ['203.0.113.7', 2],
      ['203.0.113.99', 2],
      ['2001:db8:7:1::1', 3],
      ['2001:db8:7:ffff::2', 3],
      ['2001:db8:8::1', 4],
    ] as const) {
      await help.signIn({ ...person, from: client });
      expect(await news(), client).toHaveLength(told);
    }
    const stored = await readDatabase(world.mongodbUrl, (db) =>
      db.collection('people').findOne({ _id: person.id as never }),
    );
    expect(JSON.stringify(stored)).not.toMatch(/203\.0\.113|2001:db8/);
  });

  test('an unknown address takes as long as a wrong password (ASVS 6.3.8)', async () => {
    const person = await help.signUp();
    const { signIn } = stores.accounts;
    const timeOf = async (address: string) => {
      const wish = { tenant: person.tenant, address, password: 'wrong', device, from: newClient() };
      const begun = performance.now();
      await expect(signIn.withPassword(wish)).rejects.toThrow(WrongCredentialsError);
      return performance.now() - begun;
    };
    const times = { known: [] as number[], unknown: [] as number[] };
    // In turns, so that the load of the machine affects both alike.
    for (let round = 0; round < 40; round += 1) {
      // Earlier failures are forgotten, so none is delayed.
      if (round % 4 === 0) {
        clock.ahead += 15 * minute;
        // It gets the keys again, which have expired.
        await timeOf(`before-${String(round)}@example.org`);
      }
      times.known.push(await timeOf(person.address));
      times.unknown.push(await timeOf(`nobody-${String(round)}@example.org`));
    }
    // The shortest times, because other work on the machine makes single ones longer, also the median.
    const ratio = Math.min(...times.unknown) / Math.min(...times.known);
    // Without the work for a hash it is a tenth.
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.4);
  });
}
