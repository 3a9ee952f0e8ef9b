import { randomBytes } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { hashToken } from '@mysmtp/http';
import { z } from 'zod';

/** The public part of a passkey, as it is sealed in the account. */
export const Passkey = z.strictObject({
  credentialId: z.string(),
  publicKey: z.base64url(),
  transports: z.array(z.string()),
  /** How often the authenticator has signed; 0 if it does not count. */
  counter: z.int().nonnegative(),
});
export type Passkey = z.infer<typeof Passkey>;

/** Options for the browser, and the hash of the random challenge in them, which is stored. */
export interface Ceremony<Options> {
  readonly options: Options;
  readonly challengeHash: string;
}

/**
 * Registration of passkeys and authentication by them (WebAuthn Level 3), always with verification of the
 * user by PIN or biometrics. The caller uses each challenge once. A response for another origin, site or
 * challenge gives `undefined`.
 */
export interface Passkeys {
  beginRegistration(
    person: { readonly id: string; readonly address: string },
    known: readonly Passkey[],
  ): Promise<Ceremony<PublicKeyCredentialCreationOptionsJSON>>;
  register(response: unknown, challengeHash: string): Promise<Passkey | undefined>;
  beginAuthentication(
    known: readonly Passkey[],
  ): Promise<Ceremony<PublicKeyCredentialRequestOptionsJSON>>;
  /** Returns the index of the passkey and its new counter. */
  authenticate(
    response: unknown,
    challengeHash: string,
    known: readonly Passkey[],
  ): Promise<{ readonly index: number; readonly counter: number } | undefined>;
}

/** Loaded when it is used: it takes 14 MB. */
const library = () => import('@simplewebauthn/server');

/** How long the browser waits for the person. Milliseconds. */
const timeout = 5 * 60_000;

/** `origin`: where the console is, such as `https://console.example.org`. Its host is the relying party. */
export function createPasskeys(origin: string): Passkeys {
  const rpID = new URL(origin).hostname;
  const expected = { expectedOrigin: origin, expectedRPID: rpID, requireUserVerification: true };

  return {
    async beginRegistration({ id, address }, known) {
      const { generateRegistrationOptions } = await library();
      const options = await generateRegistrationOptions({
        rpName: 'mySMTP',
        rpID,
        userName: address,
        userID: new Uint8Array(Buffer.from(id)),
        challenge: new Uint8Array(randomBytes(32)),
        timeout,
        attestationType: 'none',
        excludeCredentials: known.map(referenceOf),
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
      });
      return { options, challengeHash: hashToken(options.challenge) };
    },
    async register(response, challengeHash) {
      const { verifyRegistrationResponse } = await library();
      const { registrationInfo } = await refused(
        verifyRegistrationResponse({
          ...expected,
          response: response as RegistrationResponseJSON,
          expectedChallenge: withHash(challengeHash),
        }),
      );
      if (registrationInfo === undefined) return undefined;
      const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
      return {
        credentialId: id,
        publicKey: Buffer.from(publicKey).toString('base64url'),
        transports: [...transports],
        counter,
      };
    },
    async beginAuthentication(known) {
      const { generateAuthenticationOptions } = await library();
      const options = await generateAuthenticationOptions({
        rpID,
        allowCredentials: known.map(referenceOf),
        challenge: new Uint8Array(randomBytes(32)),
        timeout,
        userVerification: 'required',
      });
      return { options, challengeHash: hashToken(options.challenge) };
    },
    async authenticate(response, challengeHash, known) {
      const index = known.findIndex(({ credentialId }) => credentialId === idOf(response));
      const passkey = known[index];
      if (passkey === undefined) return undefined;
      const { verifyAuthenticationResponse } = await library();
      const { credentialId, publicKey, transports, counter } = passkey;
      const { verified, authenticationInfo } = await refused(
        verifyAuthenticationResponse({
          ...expected,
          response: response as AuthenticationResponseJSON,
          expectedChallenge: withHash(challengeHash),
          credential: {
            id: credentialId,
            publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
            transports,
            counter,
          },
        }),
      );
      if (verified !== true || authenticationInfo === undefined) return undefined;
      return { index, counter: authenticationInfo.newCounter };
    },
  };
}

const referenceOf = ({ credentialId, transports }: Passkey) => ({ id: credentialId, transports });

const withHash = (challengeHash: string) => (challenge: string) =>
  hashToken(challenge) === challengeHash;

const idOf = (response: unknown): unknown =>
  typeof response === 'object' && response !== null && 'id' in response ? response.id : undefined;

/** The library throws for each kind of invalid response. The client learns only that it is refused. */
async function refused<Verified extends object>(
  verification: Promise<Verified>,
): Promise<Partial<Verified>> {
  try {
    return await verification;
  } catch {
    return {};
  }
}
