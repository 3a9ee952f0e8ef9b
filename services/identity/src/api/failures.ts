import { CallError, problems, type Problem, type Route } from '@mysmtp/http';
import { mongo } from 'mongoose';
import { ReservationLostError, TakenError } from '../reservations/reserve.ts';
import { TenantErasedError } from '../tenants/tenants.ts';

/** The HTTP problem for an error of a store or of privacy; `undefined` for an unexpected error. */
function problemOf(error: unknown): Problem | undefined {
  if (error instanceof TakenError) return problems.conflict(error.message);
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

/** The same route. Its errors become problems, which tell the client whether a retry can help. */
export function withProblems(route: Route): Route {
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
