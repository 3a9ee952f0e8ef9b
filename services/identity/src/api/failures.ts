import { CallError, problems, type Problem, type Route } from '@mysmtp/http';
import { mongo } from 'mongoose';
import { ClaimLimitError } from '../domains/domains.ts';
import { ReservationLostError, TakenError } from '../reservations/reserve.ts';
import { TenantErasedError } from '../tenants/tenants.ts';

/** The HTTP problem for a failure of the layers below; `undefined` for an unexpected error. */
function problemOf(error: unknown): Problem | undefined {
  if (error instanceof TakenError) return problems.conflict(error.message);
  if (error instanceof ClaimLimitError) return problems.conflict(error.message);
  if (error instanceof TenantErasedError) return problems.notFound();
  if (error instanceof CallError) {
    return problems.unavailable('Encryption keys are temporarily unavailable');
  }
  if (
    error instanceof ReservationLostError ||
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError
  ) {
    return problems.unavailable('The database did not answer in time');
  }
  return undefined;
}

/** The same route. Its failures tell the client whether to retry (ASVS 16.5: refuse if in doubt). */
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
