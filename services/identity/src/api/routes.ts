import { identityApi } from '@mysmtp/api';
import type { PublishedKeySet } from '@mysmtp/contracts';
import { serve, type Route } from '@mysmtp/http';
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

export function routes(nouns: Nouns, published: PublishedKeySet): Route[] {
  return serve(identityApi)({
    showKeys: async () => ({ status: 200, body: published }),
    createTenant: createTenant(nouns),
    readTenant: readTenant(nouns),
    createDomain: createDomain(nouns),
    listDomains: listDomains(nouns),
    changeDomain: changeDomain(nouns),
    deleteDomain: deleteDomain(nouns),
    createCredential: createCredential(nouns),
    listCredentials: listCredentials(nouns),
    deleteCredential: deleteCredential(nouns),
    createToken: createToken(nouns),
    listTokens: listTokens(nouns),
    deleteToken: deleteToken(nouns),
    snapshot: snapshot(nouns),
  }).map(explained);
}
