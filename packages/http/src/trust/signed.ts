import { readFile } from 'node:fs/promises';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import {
  createLocalJWKSet,
  importJWK,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
  type JWK,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { CallerVerifier, CallTokens } from './trust.ts';

const lifetime = 60_000;
const tokenType = 'mysmtp-call+jwt';

/** Signs short-lived tokens (JWT, RFC 7519, Ed25519) with this service's own key, one per audience and half minute. */
export async function openSignedCallTokens(
  service: ServiceName,
  keyFile: string,
): Promise<CallTokens> {
  const jwk = JSON.parse(await readFile(keyFile, 'utf8')) as JWK;
  const key = await importJWK(jwk, 'EdDSA');
  const tokens = new LRUCache<ServiceName, string>({
    max: serviceNames.length,
    ttl: lifetime / 2,
    perf: Date,
    ttlResolution: 0,
    fetchMethod: (audience) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'EdDSA', typ: tokenType, kid: service })
        .setIssuer(service)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(new Date(Date.now() + lifetime))
        .sign(key),
  });
  return { tokenFor: (audience) => tokens.forceFetch(audience) };
}

/**
 * Verifies such tokens against the published keys: only Ed25519, only for our audience, only with the key of
 * its issuer.
 */
export async function openSignedCallerVerifier(
  service: ServiceName,
  jwksFile: string,
): Promise<CallerVerifier> {
  const jwks = JSON.parse(await readFile(jwksFile, 'utf8')) as JSONWebKeySet;
  const keys = createLocalJWKSet(jwks);
  return {
    async verify(token) {
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          algorithms: ['EdDSA'],
          typ: tokenType,
          audience: service,
          requiredClaims: ['exp', 'iss'],
        });
        const caller = serviceNames.find((name) => name === payload.iss);
        return caller === protectedHeader.kid ? caller : undefined;
      } catch {
        // The token is not valid. The reason is not disclosed to the caller.
        return undefined;
      }
    },
  };
}
