import type { ServiceName } from '@mysmtp/contracts';
import type { HttpTls } from '@mysmtp/service';

/** Proves to another service who we are. */
export interface CallTokens {
  tokenFor(audience: ServiceName): Promise<string>;
}

/**
 * Tells which service a token belongs to, or `undefined` if it proves nothing. Rejects if nobody can
 * say now. `address` is the IP address that the token came from.
 */
export interface CallerVerifier {
  verify(token: string, address: string): Promise<ServiceName | undefined>;
}

/** How the services of one installation know each other. */
export interface Trust {
  readonly tokens: CallTokens;
  readonly callers: CallerVerifier;
  readonly tls: HttpTls;
}
