import { ruleOf, type AccountPrincipal, type Principal } from '@mysmtp/api';
import { problems, requestIsAbout, type Route } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

type Deps = Pick<Stores, 'accesses' | 'entities' | 'reader' | 'suspensions'>;

/** The parts of a request that name what it is about. */
interface Request {
  readonly principal: Principal;
  readonly params?: { readonly id?: string };
  readonly query?: { readonly tenant?: string };
  readonly body?: { readonly tenant?: string; readonly reason?: string };
}

/**
 * The same route. An operator sees data of a tenant only through an open access to it (`breakGlass` of the
 * access table); without one the answer is that of an unknown id. What an operator sees, and each act that
 * concerns a tenant, is written to the log of the tenant before the handler starts. So an act is in the log
 * also if it fails then.
 */
export function withBreakGlass(route: Route, deps: Deps): Route {
  const { access } = route;
  if (!('permission' in access) || access.ofTenant === true) return route;
  // The access itself is in the log, with its reason.
  if (access.permission === 'accesses:write') return route;
  const showsData = ruleOf(access.permission).breakGlass === true;
  const { accesses } = deps;

  async function check(request: Request, principal: AccountPrincipal): Promise<void> {
    const tenant = await tenantOf(request, route, showsData, deps);
    // Nothing of a tenant: unknown, of operators themselves, or a new tenant.
    if (tenant === undefined) return;
    const open = showsData ? await accesses.find(principal, tenant) : undefined;
    requestIsAbout({ tenant, ticket: open ?? null });
    if (showsData && open === undefined) {
      throw problems.hidden('access', { tenant });
    }
    const { params, body } = request;
    const seen = { action: route.name, access: open, object: params?.id, reason: body?.reason };
    await accesses.record(principal, tenant, seen);
  }

  return {
    ...route,
    async handle(request: Request) {
      const { principal } = request;
      const isAccount = principal.kind === 'token' || principal.kind === 'person';
      if (isAccount && principal.tenant === null) await check(request, principal);
      return route.handle(request as never);
    },
  };
}

/**
 * The tenant that a request of an operator is about: that of the entity in the path, or a named one. A route
 * that shows data of an entity which is not known here is refused.
 */
async function tenantOf(
  { params, query, body }: Request,
  { path, access }: Route,
  showsData: boolean,
  { entities, reader, suspensions }: Deps,
): Promise<string | undefined> {
  const id = params?.id;
  const named = id ?? query?.tenant ?? body?.tenant;
  if (named === undefined) return undefined;
  // Suspensions are no entities: other services get only what follows from them.
  const isSuspension = 'permission' in access && access.permission === 'suspensions:write';
  if (isSuspension && id !== undefined) return (await suspensions.find(id))?.tenant;
  const entity = entities.find(({ name }) =>
    id === undefined ? name === 'tenant' : path.startsWith(`/v1/${name}s/{id}`),
  );
  if (entity === undefined) {
    if (showsData) throw problems.notFound();
    return undefined;
  }
  const found = await reader.find(entity, named);
  return found === undefined ? undefined : (entity.tenantOf(found) ?? undefined);
}
