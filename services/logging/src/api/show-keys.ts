import type { PublishedKeySet } from '@mysmtp/contracts';
import { publishedKeysRoute, type Route } from '@mysmtp/http';

/** The keys by which anybody checks receipts of this service (JWK Set, RFC 7517), former ones included. */
export const showKeysRoute = (published: PublishedKeySet): Route =>
  publishedKeysRoute('The public keys of the receipts of this service', published);
