import { CallError, problems, type Problem, type Route } from '@mysmtp/http';
import { mongo } from 'mongoose';
import { ClaimLostError, TakenError } from '../claims/claim.ts';
import { TenantGoneError } from '../tenants/tenants.ts';

/** What a failure of the rooms below means to a caller; `undefined` for what nobody expected. */
function problemOf(error: unknown): Problem | undefined {
  if (error instanceof TakenError) return problems.conflict(error.message);
  if (error instanceof TenantGoneError) return problems.notFound();
  if (error instanceof CallError) {
    return problems.unavailable('The keys of this tenant cannot be had now');
  }
  if (
    error instanceof ClaimLostError ||
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError
  ) {
    return problems.unavailable('The database does not answer in time');
  }
  return undefined;
}

/** The same route, whose failures say whether to try again (ASVS 16.5: what cannot be known is refused). */
export function explained(route: Route): Route {
  return {
    ...route,
    async handle(request) {
      try {
        return await route.handle(request);
      } catch (error) {
        throw problemOf(error) ?? error;
      }
    },
  };
}
