import {
  openHttpTls,
  type commonSettings,
  type Config,
  type ServiceContext,
} from '@mysmtp/service';
import { serviceAccountTokens } from './service-account-tokens.ts';
import { tokenReviewVerifier } from './token-review-verifier.ts';
import { openSignedCallerVerifier, openSignedCallTokens } from './signed.ts';
import { openTokenReview } from './token-review.ts';
import type { Trust } from './trust.ts';

type TrustConfig = Parameters<typeof openHttpTls>[0]['config'] &
  Pick<
    Config<typeof commonSettings>,
    'serviceKeyFile' | 'serviceJwksFile' | 'serviceAccounts' | 'serviceTokenDir'
  >;

/**
 * Uses ServiceAccount tokens if the accounts of the services are set (a cluster). Otherwise uses short-lived
 * tokens signed by each service's own key. Both use TLS if other machines are reached.
 */
export async function openTrust(
  context: Pick<
    ServiceContext<TrustConfig>,
    'name' | 'config' | 'clock' | 'log' | 'metrics' | 'manage'
  >,
): Promise<Trust> {
  const { name: service, config, clock, log } = context;
  const { serviceAccounts: accounts } = config;
  const tls = await openHttpTls(context);
  if (accounts === undefined) {
    return {
      tls,
      tokens: await openSignedCallTokens(service, config.serviceKeyFile),
      callers: await openSignedCallerVerifier(service, config.serviceJwksFile),
    };
  }
  return {
    tls,
    tokens: serviceAccountTokens(config.serviceTokenDir, clock),
    callers: tokenReviewVerifier({
      service,
      accounts,
      review: await openTokenReview(),
      clock,
      log,
    }),
  };
}
