import {
  CodedError,
  gatheredStores,
  markedStores,
  type OrderOf,
  type ServiceName,
} from '@mysmtp/contracts';

/** The person of an order: a blind index under the index key of the tenant. */
export interface PersonOfOrder {
  readonly tenant: string;
  readonly person: string;
  /** Id of the account, if the person has asked while signed in. */
  readonly account?: string;
}

/** Everything that a store has of a person, in portions of any size. Each record can be written as JSON. */
export type Gather = (person: PersonOfOrder) => AsyncIterable<readonly unknown[]>;

/** Sets or removes a mark. Idempotent. Resolves once every process honours it. */
export type Mark = (mark: OrderOf<'mark'>) => Promise<void>;

/** The stores of a service, by their ids in the registry. */
export interface PersonStores {
  readonly gather: Readonly<Record<string, Gather>>;
  readonly mark: Readonly<Record<string, Mark>>;
}

/** A service that cannot answer for one of its stores must not run. */
export function checkStores(service: ServiceName, stores: PersonStores): void {
  const marked = Object.values(markedStores).flatMap(
    (of: Partial<Record<ServiceName, readonly string[]>>) => of[service] ?? [],
  );
  check(service, gatheredStores[service], Object.keys(stores.gather));
  check(service, [...new Set(marked)], Object.keys(stores.mark));
}

function check(service: ServiceName, wanted: readonly string[], given: readonly string[]): void {
  const problems = [
    ...wanted.filter((store) => !given.includes(store)).map((store) => `${store} is missing`),
    ...given.filter((store) => !wanted.includes(store)).map((store) => `${store} is not known`),
  ];
  if (problems.length === 0) return;
  throw new CodedError('purges_not_registered', `Orders of ${service}: ${problems.join('; ')}`);
}
