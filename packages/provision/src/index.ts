export { declareExchanges } from './exchanges.ts';
export { managementApi, type ManagementApi } from './management.ts';
export { putPolicies } from './policies.ts';
export { setUpBroker } from './set-up-broker.ts';
