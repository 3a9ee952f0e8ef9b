import type { ServiceName } from '@mysmtp/contracts';
import type { ApiDefinition } from './definition.ts';
import { deliveryApi } from './delivery.ts';
import { identityApi } from './identity.ts';
import { ingressApi } from './ingress.ts';
import { loggingApi } from './logging.ts';
import { privacyApi } from './privacy.ts';

/** The API of each service. */
export const apis: Readonly<Record<ServiceName, ApiDefinition>> = {
  ingress: ingressApi,
  delivery: deliveryApi,
  logging: loggingApi,
  identity: identityApi,
  privacy: privacyApi,
};
