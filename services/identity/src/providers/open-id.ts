import * as client from 'openid-client';
import type { ProviderSettings } from './model.ts';

/** The provider does not answer, or not as OpenID Connect says. The message is for the person who configures it. */
export class ProviderUnavailableError extends Error {
  constructor(cause: unknown) {
    super('must be the issuer of an OpenID provider on the internet that answers', { cause });
    this.name = 'ProviderUnavailableError';
  }
}

/** The provider, or what it says about the person, does not lead to an account. */
export class ProviderRefusedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ProviderRefusedError';
  }
}

/** What must be kept between the two steps of a sign-in. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What the provider says about a person. */
export interface Claims {
  readonly subject: string;
  /** Verified by the provider. */
  readonly address: string;
  /** When a second factor was presented, in milliseconds; `undefined` if none was, as far as it is known. */
  readonly factorAt: number | undefined;
}

type Client = Pick<ProviderSettings, 'issuer' | 'clientId' | 'factorContexts' | 'acceptsFactor'> & {
  readonly clientSecret: string;
};

/** Sign-in by OpenID Connect: authorization code with PKCE, state and nonce (RFC 9700 2.1). */
export interface OpenId {
  /** Throws a `ProviderUnavailableError`. */
  check(provider: Client): Promise<void>;
  /** Where to send the browser. Throws a `ProviderUnavailableError`. */
  begin(provider: Client): Promise<Begun & { readonly url: string }>;
  /**
   * `parameters`: the query with which the browser came back. Throws a `ProviderRefusedError` or a
   * `ProviderUnavailableError`.
   */
  finish(provider: Client, begun: Begun, parameters: string): Promise<Claims>;
}

/** Seconds. A factor at the provider is as fresh as one of ours. */
const factorAge = 300;

/** The default of OpenID Connect Core 1.0, 9, if the provider accepts it. */
function authentication(secret: string): client.ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

const asks = ({ acceptsFactor, factorContexts }: Client) => ({
  ...(acceptsFactor && { max_age: String(factorAge) }),
  ...(acceptsFactor && factorContexts.length > 0 && { acr_values: factorContexts.join(' ') }),
});

function factorOf({ acceptsFactor, factorContexts }: Client, claims: client.IDToken) {
  const { amr, acr, auth_time: at } = claims;
  const names = Array.isArray(amr) ? (amr as readonly unknown[]) : [];
  const isStrong =
    names.includes('mfa') || (typeof acr === 'string' && factorContexts.includes(acr));
  return acceptsFactor && isStrong && at !== undefined ? at * 1_000 : undefined;
}

export function createOpenId(deps: {
  /** Refuses addresses that are not on the internet. */
  readonly fetch: typeof fetch;
  /** Plain HTTP, for development. */
  readonly insecure: boolean;
  /** The page of the console to which the provider returns. */
  readonly redirectUri: string;
}): OpenId {
  const { insecure, redirectUri } = deps;

  async function configure({ issuer, clientId, clientSecret }: Client) {
    try {
      return await client.discovery(
        new URL(issuer),
        clientId,
        undefined,
        authentication(clientSecret),
        {
          [client.customFetch]: deps.fetch as client.CustomFetch,
          timeout: 10,
          execute: [
            // The ID token comes over TLS; its signature is verified in addition.
            client.enableNonRepudiationChecks,
            ...(insecure ? [client.allowInsecureRequests] : []),
          ],
        },
      );
    } catch (error) {
      throw new ProviderUnavailableError(error);
    }
  }

  return {
    async check(provider) {
      await configure(provider);
    },
    async begin(provider) {
      const config = await configure(provider);
      const [state, nonce] = [client.randomState(), client.randomNonce()];
      const verifier = client.randomPKCECodeVerifier();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid email',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...asks(provider),
      });
      return { state, nonce, verifier, url: url.href };
    },
    async finish(provider, { state, nonce, verifier }, parameters) {
      const config = await configure(provider);
      try {
        const tokens = await client.authorizationCodeGrant(
          config,
          new URL(`${redirectUri}?${parameters}`),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: verifier,
            idTokenExpected: true,
            ...(provider.acceptsFactor && { maxAge: factorAge }),
          },
        );
        const claims = tokens.claims();
        if (claims === undefined) throw new ProviderRefusedError('The provider gave no ID token');
        const { email, email_verified: isVerified } =
          claims['email'] === undefined
            ? await client.fetchUserInfo(config, tokens.access_token, claims.sub)
            : claims;
        if (typeof email !== 'string' || isVerified !== true) {
          throw new ProviderRefusedError('The provider confirms no verified address');
        }
        return { subject: claims.sub, address: email, factorAt: factorOf(provider, claims) };
      } catch (error) {
        if (error instanceof ProviderRefusedError) throw error;
        if (isRefusal(error))
          throw new ProviderRefusedError('The provider did not confirm the sign-in');
        throw new ProviderUnavailableError(error);
      }
    },
  };
}

/** An answer that is wrong or refuses, other than no answer. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof client.AuthorizationResponseError ||
    error instanceof client.ResponseBodyError ||
    (error instanceof client.ClientError && error.code !== 'OAUTH_TIMEOUT')
  );
}
