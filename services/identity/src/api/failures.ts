import { CallError, Problem, problems, type Route } from '@mysmtp/http';
import { mongo } from 'mongoose';
import {
  NotNowError,
  NotThereError,
  PasswordRefusedError,
  WrongCredentialsError,
} from '../accounts/parts.ts';
import { ThrottledError } from '../accounts/sign-in-throttle.ts';
import { ClaimLimitError } from '../domains/domains.ts';
import { WiderThanCreatorError } from '../entities/bounds.ts';
import { BusyError } from '../people/passwords.ts';
import { AddressTakenError, CodesExhaustedError } from '../people/people.ts';
import { ProviderRefusedError, ProviderUnavailableError } from '../providers/open-id.ts';
import { ReservationLostError, TakenError } from '../reservations/reserve.ts';
import { TenantErasedError } from '../tenants/tenants.ts';
import { KeyLimitError } from '../tokens/tokens.ts';

/** The HTTP problem for an error of a store or of privacy; `undefined` for an unexpected error. */
function problemOf(error: unknown): Problem | undefined {
  if (
    error instanceof TakenError ||
    error instanceof AddressTakenError ||
    error instanceof ClaimLimitError ||
    error instanceof KeyLimitError ||
    error instanceof NotNowError
  ) {
    return problems.conflict(error.message);
  }
  if (error instanceof ProviderRefusedError) {
    return new Problem('sign-in-refused', { detail: error.message });
  }
  if (error instanceof ProviderUnavailableError) {
    return problems.unavailable('The sign-in provider of this tenant does not answer as it should');
  }
  if (error instanceof WrongCredentialsError) return new Problem('wrong-credentials');
  if (error instanceof PasswordRefusedError) {
    return problems.invalid([{ path: 'password', message: error.message }]);
  }
  if (error instanceof WiderThanCreatorError) {
    return problems.invalid([{ path: error.field, message: error.message }]);
  }
  if (error instanceof CodesExhaustedError) {
    return new Problem('rate-limited', {
      detail: error.message,
      headers: { 'retry-after': '3600' },
    });
  }
  if (error instanceof ThrottledError) {
    return new Problem('rate-limited', {
      detail: error.message,
      headers: { 'retry-after': String(error.seconds) },
    });
  }
  if (error instanceof BusyError) return problems.unavailable('Too many sign-ins at once');
  if (error instanceof NotThereError) {
    return error.isForeign ? problems.hidden('foreign') : problems.notFound();
  }
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
