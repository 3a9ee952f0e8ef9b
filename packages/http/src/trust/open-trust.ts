import type { ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { projectedTokens } from './projected.ts';
import { reviewedCallers } from './reviewed.ts';
import { openSignedCallerVerifier, openSignedCallTokens } from './signed.ts';
import { openTokenReview } from './token-review.ts';
import type { Trust } from './trust.ts';

/**
 * ServiceAccount tokens where the accounts of the services are named (a cluster), and short-lived
 * tokens signed by each service's own key elsewhere.
 */
export async function openTrust(house: {
  readonly name: ServiceName;
  readonly config: {
    readonly serviceKeyFile: string;
    readonly serviceJwksFile: string;
    readonly serviceAccounts?: string | undefined;
    readonly serviceTokenDir: string;
  };
  readonly clock: { now(): number };
  readonly log: Logger;
}): Promise<Trust> {
  const { name: service, config, clock, log } = house;
  const { serviceAccounts: accounts } = config;
  if (accounts === undefined) {
    return {
      tokens: await openSignedCallTokens(service, config.serviceKeyFile),
      callers: await openSignedCallerVerifier(service, config.serviceJwksFile),
    };
  }
  return {
    tokens: projectedTokens(config.serviceTokenDir, clock),
    callers: reviewedCallers({ service, accounts, review: await openTokenReview(), clock, log }),
  };
}
