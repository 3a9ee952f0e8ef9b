import { everybody, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { CertificateSigner } from '../certificates/signer.ts';

const KeySet = z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) });

/** The keys by which anybody checks a certificate (JWK Set, RFC 7517), former ones included. */
export function showCertificateKeysRoute({ published }: CertificateSigner): Route {
  return route({
    method: 'get',
    path: '/.well-known/jwks.json',
    summary: 'The public keys of erasure certificates, former ones included',
    access: everybody,
    replies: { 200: KeySet },
    handle: () => Promise.resolve({ body: published }),
  });
}
