import { openHttpTls, type commonSettings, type Config, type House } from '@mysmtp/service';
import { projectedTokens } from './projected.ts';
import { reviewedCallers } from './reviewed.ts';
import { openSignedCallerVerifier, openSignedCallTokens } from './signed.ts';
import { openTokenReview } from './token-review.ts';
import type { Trust } from './trust.ts';

type TrustConfig = Parameters<typeof openHttpTls>[0]['config'] &
  Pick<
    Config<typeof commonSettings>,
    'serviceKeyFile' | 'serviceJwksFile' | 'serviceAccounts' | 'serviceTokenDir'
  >;

/**
 * ServiceAccount tokens where the accounts of the services are named (a cluster), and short-lived
 * tokens signed by each service's own key elsewhere. Both go through TLS if other machines are reached.
 */
export async function openTrust(
  house: Pick<House<TrustConfig>, 'name' | 'config' | 'clock' | 'log' | 'metrics' | 'own'>,
): Promise<Trust> {
  const { name: service, config, clock, log } = house;
  const { serviceAccounts: accounts } = config;
  const tls = await openHttpTls(house);
  if (accounts === undefined) {
    return {
      tls,
      tokens: await openSignedCallTokens(service, config.serviceKeyFile),
      callers: await openSignedCallerVerifier(service, config.serviceJwksFile),
    };
  }
  return {
    tls,
    tokens: projectedTokens(config.serviceTokenDir, clock),
    callers: reviewedCallers({ service, accounts, review: await openTokenReview(), clock, log }),
  };
}
