import { publishedKeysPath, PublishedKeySet } from '@mysmtp/contracts';
import type { RouteDefinition } from './definition.ts';

/** The route by which every service publishes the keys of its signatures. */
export const showKeys = {
  method: 'get',
  path: publishedKeysPath,
  summary: "The public keys of this service's signatures, former ones included (JWK Set, RFC 7517)",
  access: { public: true },
  replies: { 200: PublishedKeySet },
} as const satisfies RouteDefinition;
