export { managementApi, type ManagementApi } from './management.ts';
export { declareExchanges, putPolicies, setUpBroker } from './set-up-broker.ts';
