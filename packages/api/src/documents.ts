import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { apis } from './apis.ts';
import { internalRoutes, publicRoutes, type ApiDefinition } from './definition.ts';
import { documentOf, type ApiDocument } from './document.ts';

/**
 * The documents in docs/api by file name: one for each service and one for all together, public and internal
 * apart.
 */
export function documents(): Record<string, ApiDocument> {
  return { ...documentsOf('public', publicRoutes), ...documentsOf('internal', internalRoutes) };
}

function documentsOf(
  kind: 'public' | 'internal',
  part: (api: ApiDefinition) => ApiDefinition,
): Record<string, ApiDocument> {
  const parts = serviceNames
    .map((service): [ServiceName, ApiDefinition] => [service, part(apis[service])])
    .filter(([, api]) => Object.keys(api).length > 0);
  const ofServices = parts.map(([service, api]): [string, ApiDocument] => [
    `${kind}/${service}.json`,
    documentOf(titleOf(service), { [service]: api }),
  ]);
  return {
    [`${kind}/all.json`]: documentOf(`mySMTP, ${kind}`, Object.fromEntries(parts)),
    ...Object.fromEntries(ofServices),
  };
}

export const titleOf = (service: ServiceName): string => `mySMTP ${service}`;
