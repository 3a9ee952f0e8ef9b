import { serviceNames, type ServiceName } from '@mysmtp/contracts';

export function byService<T>(value: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name) => [name, value(name)])) as Record<
    ServiceName,
    T
  >;
}
