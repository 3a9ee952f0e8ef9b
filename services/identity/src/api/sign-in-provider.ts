import type { providerApi } from '@mysmtp/api';
import { problems, type Handlers } from '@mysmtp/http';
import type { ProviderView } from '../accounts/provider-sign-in.ts';
import { ProviderUnavailableError } from '../providers/open-id.ts';
import type { Stores } from '../stores.ts';
import { refuseLimitedKey } from './access.ts';
import { shown, shownRequest } from './accounts.ts';

const shownProvider = ({ domains, factorContexts, ...rest }: ProviderView) => ({
  ...rest,
  domains: [...domains],
  factorContexts: [...factorContexts],
});

export function providerRoutes(stores: Stores): Handlers<typeof providerApi> {
  const { providerSignIn, throttle } = stores.accounts;
  return {
    async readSignInProvider({ principal: { tenant } }) {
      return { status: 200, body: shownProvider(await providerSignIn.view(tenant)) };
    },
    async configureSignInProvider({ principal, body: { clientSecret, ...settings } }) {
      await refuseLimitedKey(stores, principal);
      const { tenant } = principal;
      try {
        const view = await providerSignIn.configure(principal, tenant, settings, clientSecret);
        return { status: 200, body: shownProvider(view) };
      } catch (error) {
        if (!(error instanceof ProviderUnavailableError)) throw error;
        throw problems.invalid([{ path: 'issuer', message: error.message }]);
      }
    },
    async removeSignInProvider({ principal }) {
      await providerSignIn.remove(principal, principal.tenant);
      return { status: 204 };
    },
    async beginProviderSignIn({ body, clientAddress: address }) {
      const begun = await throttle.guard({ address }, () => providerSignIn.begin(body));
      return { status: 200, body: shown(begun) };
    },
    async finishProviderSignIn({ body: { challenge, parameters }, clientAddress }) {
      const answer = await providerSignIn.finish(challenge, parameters, clientAddress);
      return { status: 200, body: 'token' in answer ? shown(answer) : shownRequest(answer) };
    },
  };
}
