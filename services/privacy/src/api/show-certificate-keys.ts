import { publishedKeysRoute, type Route } from '@mysmtp/http';
import type { CertificateSigner } from '../certificates/signer.ts';

/**
 * The keys by which anybody checks a certificate, and those that this service takes receipts by (JWK
 * Set, RFC 7517), former ones included.
 */
export const showCertificateKeysRoute = ({ published }: CertificateSigner): Route =>
  publishedKeysRoute('The public keys of erasure certificates and of receipts', published);
