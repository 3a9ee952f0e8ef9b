import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** A person at the provider, and how this person signs in there. */
export interface AtProvider {
  readonly subject: string;
  readonly email: string;
  readonly email_verified?: boolean;
  readonly amr?: readonly string[];
  readonly acr?: string;
}

/** A real OpenID provider (`oidc-provider`), at which one person signs in without a page. */
export interface OpenIdProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** As a browser: follows the URL, signs in as this person, and returns the query of the last redirect. */
  visit(url: string, person: AtProvider): Promise<string>;
}

export async function startOpenIdProvider(redirectUri: string): Promise<OpenIdProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const [clientId, clientSecret] = ['mysmtp', randomBytes(24).toString('hex')];
  const people = new Map<string, AtProvider>();
  let current: AtProvider | undefined;

  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    acrValues: ['urn:example:strong'],
    claims: { openid: ['sub', 'amr', 'acr', 'auth_time'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, subject) => ({
      accountId: subject,
      claims: () => {
        const { email, email_verified = true } = people.get(subject) ?? { email: '' };
        return Promise.resolve({ sub: subject, email, email_verified });
      },
    }),
    // Nobody is asked for consent.
    async loadExistingGrant({ oidc: { client, session, provider: own } }) {
      const grant = new own.Grant({
        ...(client !== undefined && { clientId: client.clientId }),
        ...(session?.accountId !== undefined && { accountId: session.accountId }),
      });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true || current === undefined) {
      void callback(request, response);
      return;
    }
    const { subject, amr, acr } = current;
    const login = {
      accountId: subject,
      ...(amr !== undefined && { amr: [...amr] }),
      ...(acr !== undefined && { acr }),
    };
    void provider.interactionFinished(request, response, { login });
  });

  return {
    issuer,
    clientId,
    clientSecret,
    async visit(url, person) {
      people.set(person.subject, person);
      current = person;
      const cookies = new Map<string, string>();
      let next = url;
      while (next.startsWith(issuer)) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        const location = response.headers.get('location');
        if (location === null) throw new Error(`No redirect: ${await response.text()}`);
        next = new URL(location, next).href;
      }
      return new URL(next).search.slice(1);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
