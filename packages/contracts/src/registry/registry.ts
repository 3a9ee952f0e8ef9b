import { registeredExchanges, registeredQueues } from './broker.ts';
import { deliveryCollections } from './delivery.ts';
import { identityCollections } from './identity.ts';
import { ingressCollections } from './ingress.ts';
import { registeredLogKeys } from './log-keys.ts';
import { loggingCollections } from './logging.ts';
import { registeredMetricLabels } from './metric-labels.ts';
import { privacyCollections } from './privacy.ts';
import type { Registry } from './shape.ts';

/**
 * The registry of personal data (GDPR Art. 5, 30): everything that exists, closed-world. What is not
 * in it must not be there. Whoever changes it raises the version and adds the new one to
 * packages/contracts/registry, where every version ever used stays.
 */
export const registry: Registry = {
  version: 6,
  collections: [
    ...ingressCollections,
    ...deliveryCollections,
    ...loggingCollections,
    ...identityCollections,
    ...privacyCollections,
  ],
  queues: registeredQueues,
  exchanges: registeredExchanges,
  logKeys: registeredLogKeys,
  metricLabels: registeredMetricLabels,
};
