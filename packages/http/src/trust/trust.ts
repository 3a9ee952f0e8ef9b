import type { ServiceName } from '@mysmtp/contracts';

/** Proves to another service who we are. */
export interface CallTokens {
  tokenFor(audience: ServiceName): Promise<string>;
}

/**
 * Tells which service a token belongs to, or `undefined` where it proves nothing. Rejects where
 * nobody can say now.
 */
export interface CallerVerifier {
  verify(token: string): Promise<ServiceName | undefined>;
}

/** How the services of one installation know each other. */
export interface Trust {
  readonly tokens: CallTokens;
  readonly callers: CallerVerifier;
}
