import { registeredExchanges, registeredQueues } from './broker.ts';
import { deliveryCollections } from './delivery.ts';
import { identityCollections } from './identity.ts';
import { ingressCollections } from './ingress.ts';
import { registeredLogKeys } from './log-keys.ts';
import { loggingCollections } from './logging.ts';
import { registeredMetricLabels } from './metric-labels.ts';
import { privacyCollections } from './privacy.ts';
import { projectionOf } from './projection.ts';
import { deletionCountsOf } from './deletion-counts.ts';
import type { Collection, Registry } from './shape.ts';
import { dataHolders, serviceOf, type DataHolder } from '../services.ts';

/** The stores that only one service has. */
const own: Readonly<Partial<Record<DataHolder, readonly Collection[]>>> = {
  ingress: ingressCollections,
  delivery: deliveryCollections,
  logging: loggingCollections,
  identity: identityCollections,
  privacy: privacyCollections,
};

/**
 * The registry of personal data (GDPR Art. 5, 30): all data that may exist. Data that is not in it must
 * not exist. A change of its coverage (coverage.ts: stores, paths, markers, what remains) requires a
 * higher version in versions.ts. `npm run fix` writes the new version to packages/contracts/registry,
 * where every version ever used is kept. The rest is documentation.
 */
export const registry: Registry = {
  version: 9,
  collections: dataHolders.flatMap((service) => [
    ...(serviceOf(service).projects.length > 0 ? [projectionOf(service)] : []),
    ...(own[service] ?? []),
    deletionCountsOf(service),
  ]),
  queues: registeredQueues,
  exchanges: registeredExchanges,
  logKeys: registeredLogKeys,
  metricLabels: registeredMetricLabels,
};
