import { registry, Registry } from '@mysmtp/contracts';
import { everybody, route, type Route } from '@mysmtp/http';

/** What we hold, why, for how long and how it goes: for everybody to read (GDPR Art. 13, 30). */
export function showRegistryRoute(): Route {
  return route({
    method: 'get',
    path: '/v1/registry',
    summary: 'The registry of personal data: every store and field, its purpose, retention and end',
    access: everybody,
    replies: { 200: Registry },
    handle: () => Promise.resolve({ body: registry }),
  });
}
