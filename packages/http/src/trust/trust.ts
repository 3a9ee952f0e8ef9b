import type { ServiceName } from '@mysmtp/contracts';
import type { HttpTls } from '@mysmtp/service';

/** Authenticates us to another service. */
export interface CallTokens {
  tokenFor(audience: ServiceName): Promise<string>;
}

/**
 * Returns the service of a token, or `undefined` if the token is not valid. Rejects if this cannot be
 * determined now. `address` is the IP address of the client.
 */
export interface CallerVerifier {
  verify(token: string, address: string): Promise<ServiceName | undefined>;
}

/** Authentication between the services of one installation. */
export interface Trust {
  readonly tokens: CallTokens;
  readonly callers: CallerVerifier;
  readonly tls: HttpTls;
}
