import { serviceNames, type ServiceName } from '@mysmtp/contracts';

export function byService<T>(of: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name) => [name, of(name)])) as Record<ServiceName, T>;
}
