import type { StartOptions } from '@mysmtp/local-stack';

/** No name server listens there: no scenario asks public ones about domains that it makes up. */
export const withoutPublicDns = (
  env: StartOptions['env'] = {},
): NonNullable<StartOptions['env']> => ({
  ...env,
  identity: { DNS_SERVERS: '127.0.0.1:9', ...env.identity },
});
