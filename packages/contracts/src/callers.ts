import type { IdentityEntity } from './identity.ts';
import { purposeOf, type KeyId } from './keys.ts';
import { serviceNames, serviceOf, type InternalRoute, type ServiceName } from './services.ts';

// What each service gets from the others, according to the table of services.

export const callersOf = (route: InternalRoute): readonly ServiceName[] =>
  serviceNames.filter((name) => serviceOf(name).calls.includes(route));

export const mayHaveKey = (caller: ServiceName, id: KeyId): boolean =>
  serviceOf(caller).keys.includes(purposeOf(id));

/** A service gets the same entities in a snapshot and by event. */
export const mayKnow = (caller: ServiceName, entity: IdentityEntity): boolean =>
  serviceOf(caller).projects.includes(entity);
