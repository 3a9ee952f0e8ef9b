import type { Route } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';
import { changeDomain } from './change-domain.ts';
import { createCredential } from './create-credential.ts';
import { createDomain } from './create-domain.ts';
import { createTenant } from './create-tenant.ts';
import { createToken } from './create-token.ts';
import { deleteCredential } from './delete-credential.ts';
import { deleteDomain } from './delete-domain.ts';
import { deleteToken } from './delete-token.ts';
import { explained } from './failures.ts';
import { listCredentials } from './list-credentials.ts';
import { listDomains } from './list-domains.ts';
import { listTokens } from './list-tokens.ts';
import { readTenant } from './read-tenant.ts';
import { snapshot } from './snapshot.ts';

export function routes(nouns: Nouns): Route[] {
  return [
    createTenant(nouns),
    readTenant(nouns),
    createDomain(nouns),
    listDomains(nouns),
    changeDomain(nouns),
    deleteDomain(nouns),
    createCredential(nouns),
    listCredentials(nouns),
    deleteCredential(nouns),
    createToken(nouns),
    listTokens(nouns),
    deleteToken(nouns),
    snapshot(nouns),
  ].map(explained);
}
