import { expect, test } from 'vitest';
import { createPasskeys, type Passkey } from '../src/people/passkeys.ts';
import { createAuthenticator, type Authenticator } from './support/authenticator.ts';

const origin = 'https://console.example.org';
const passkeys = createPasskeys(origin);
const jane = { id: '0f8fad5b-d9cb-469f-a165-70867728950e', address: 'jane.doe@example.org' };

async function registered(authenticator: Authenticator): Promise<Passkey> {
  const { options, challengeHash } = await passkeys.beginRegistration(jane, []);
  const passkey = await passkeys.register(authenticator.create(options), challengeHash);
  if (passkey === undefined) throw new Error('Not registered');
  return passkey;
}

test('a passkey is registered with verification of the user, and authenticates', async () => {
  const authenticator = createAuthenticator(origin);
  const { options, challengeHash } = await passkeys.beginRegistration(jane, []);
  expect(options.authenticatorSelection?.userVerification).toBe('required');
  expect(options.rp.id).toBe('console.example.org');
  const passkey = await passkeys.register(authenticator.create(options), challengeHash);
  expect(passkey).toMatchObject({ transports: ['internal'], counter: 1 });

  const others = await Promise.all([1, 2].map(() => registered(createAuthenticator(origin))));
  const known = [...others, passkey!];
  const ceremony = await passkeys.beginAuthentication(known);
  expect(ceremony.options.userVerification).toBe('required');
  expect(ceremony.options.allowCredentials).toHaveLength(3);
  const response = authenticator.get(ceremony.options);
  expect(await passkeys.authenticate(response, ceremony.challengeHash, known)).toEqual({
    index: 2,
    counter: 2,
  });
});

test('a known passkey is not registered again by the browser', async () => {
  const passkey = await registered(createAuthenticator(origin));
  const { options } = await passkeys.beginRegistration(jane, [passkey]);
  expect(options.excludeCredentials).toMatchObject([{ id: passkey.credentialId }]);
});

const deviations = [
  ['another origin', { origin: 'https://console.example.org.evil.example' }],
  ['plain http', { origin: 'http://console.example.org' }],
  ['another relying party', { rpId: 'evil.example' }],
  ['an older challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
  ['no verification of the user', { userVerified: false }],
] as const;

test.each(deviations)('%s is refused at registration (ASVS 6.7.2)', async (_what, how) => {
  const { options, challengeHash } = await passkeys.beginRegistration(jane, []);
  const response = createAuthenticator(origin).create(options, how);
  expect(await passkeys.register(response, challengeHash)).toBeUndefined();
});

test.each([...deviations, ['a counter that went back', { counter: 1 }] as const])(
  '%s is refused at authentication (ASVS 6.7.2)',
  async (_what, how) => {
    const authenticator = createAuthenticator(origin);
    const known = [await registered(authenticator)];
    const { options, challengeHash } = await passkeys.beginAuthentication(known);
    const response = authenticator.get(options, how);
    expect(await passkeys.authenticate(response, challengeHash, known)).toBeUndefined();
  },
);

test('the signature of another passkey is refused', async () => {
  const [mine, theirs] = [createAuthenticator(origin), createAuthenticator(origin)];
  const known = [await registered(mine)];
  const { options, challengeHash } = await passkeys.beginAuthentication(known);
  const forged = {
    ...theirs.get(options),
    id: known[0]?.credentialId,
    rawId: known[0]?.credentialId,
  };
  expect(await passkeys.authenticate(forged, challengeHash, known)).toBeUndefined();
  expect(await passkeys.authenticate(theirs.get(options), challengeHash, known)).toBeUndefined();
});

test.each([undefined, null, 7, 'x', {}, { id: 'x' }, { id: { $gt: '' }, response: null }])(
  '%j is no response',
  async (response) => {
    const known = [await registered(createAuthenticator(origin))];
    const { challengeHash } = await passkeys.beginAuthentication(known);
    const withId =
      typeof response === 'object' && response !== null && 'response' in response
        ? { ...response, id: known[0]?.credentialId }
        : response;
    expect(await passkeys.authenticate(withId, challengeHash, known)).toBeUndefined();
    expect(await passkeys.register(response, challengeHash)).toBeUndefined();
  },
);
