import { publishedKeysPath, PublishedKeySet } from '@mysmtp/contracts';
import { everybody, route, type Route } from './route.ts';

/** The route by which a service publishes the keys of its signatures. */
export const publishedKeysRoute = (summary: string, published: PublishedKeySet): Route =>
  route({
    method: 'get',
    path: publishedKeysPath,
    summary,
    access: everybody,
    replies: { 200: PublishedKeySet },
    handle: () => Promise.resolve({ body: published }),
  });
