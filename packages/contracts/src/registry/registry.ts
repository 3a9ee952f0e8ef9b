import { registeredExchanges, registeredQueues } from './broker.ts';
import { deliveryCollections } from './delivery.ts';
import { identityCollections } from './identity.ts';
import { ingressCollections } from './ingress.ts';
import { registeredLogKeys } from './log-keys.ts';
import { loggingCollections } from './logging.ts';
import { registeredMetricLabels } from './metric-labels.ts';
import { privacyCollections } from './privacy.ts';
import { projectionOf } from './projection.ts';
import { purgesOf } from './purges.ts';
import type { Collection, Registry } from './shape.ts';
import { dataHolders, serviceOf, type DataHolder } from '../services.ts';

/** The stores that a service has for itself alone. */
const own: Readonly<Partial<Record<DataHolder, readonly Collection[]>>> = {
  ingress: ingressCollections,
  delivery: deliveryCollections,
  logging: loggingCollections,
  identity: identityCollections,
  privacy: privacyCollections,
};

/**
 * The registry of personal data (GDPR Art. 5, 30): everything that exists, closed-world. What is not
 * in it must not be there. Whoever changes its coverage (coverage.ts: stores, paths, markers, what
 * stays) raises the version and adds it to versions.ts; `npm run fix` writes the new one to
 * packages/contracts/registry, where every version ever used stays. The rest is documentation.
 */
export const registry: Registry = {
  version: 7,
  collections: dataHolders.flatMap((service) => [
    ...(serviceOf(service).projects.length > 0 ? [projectionOf(service)] : []),
    ...(own[service] ?? []),
    purgesOf(service),
  ]),
  queues: registeredQueues,
  exchanges: registeredExchanges,
  logKeys: registeredLogKeys,
  metricLabels: registeredMetricLabels,
};
