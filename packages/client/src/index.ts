import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths as DeliveryPaths } from './generated/delivery.ts';
import type { paths as IdentityPaths } from './generated/identity.ts';
import type { paths as LoggingPaths } from './generated/logging.ts';
import type { paths as PrivacyPaths } from './generated/privacy.ts';

export interface ClientOptions {
  /** A bearer token of an owner or of an operator. */
  readonly token: string;
  /** The base URL of each service's public API, such as `https://identity.example.org`. */
  readonly urls: Readonly<Record<keyof MysmtpClient, string>>;
}

/** The public API of each service, with the types of its OpenAPI document. */
export interface MysmtpClient {
  readonly delivery: Client<DeliveryPaths>;
  readonly identity: Client<IdentityPaths>;
  readonly logging: Client<LoggingPaths>;
  readonly privacy: Client<PrivacyPaths>;
}

/**
 * A client of all services. Each call resolves with `data`, or with `error`: a problem (RFC 9457). It rejects
 * only if there is no answer.
 */
export function createClient({ token, urls }: ClientOptions): MysmtpClient {
  const headers = { authorization: `Bearer ${token}` };
  return {
    delivery: createFetchClient({ baseUrl: urls.delivery, headers }),
    identity: createFetchClient({ baseUrl: urls.identity, headers }),
    logging: createFetchClient({ baseUrl: urls.logging, headers }),
    privacy: createFetchClient({ baseUrl: urls.privacy, headers }),
  };
}
