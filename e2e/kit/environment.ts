import type { StartOptions } from '@mysmtp/local-stack';

/** Settings of all scenarios. */
export const forScenarios = (env: StartOptions['env'] = {}): NonNullable<StartOptions['env']> => ({
  ...env,
  // No name server listens there: no scenario asks public ones about domains that it makes up.
  identity: { DNS_SERVERS: '127.0.0.1:9', ...env.identity },
  // Scenarios with erasures end sooner.
  privacy: { ERASURE_PACE: '500ms', ...env.privacy },
});
