export { clientNetworksOf, usualNetworkOf } from './client-networks.ts';
export { openApi, type Api, type ApiOptions } from './api.ts';
export { hashToken, type AccountLookup, type Presented, type TokenLookup } from './authorize.ts';
export { Problem, problems } from './problem.ts';
export { implement, serve, type Handler, type Handlers, type Route } from './route.ts';
export { CallError, createServiceClient, type ServiceClient } from './service-client.ts';
export { openTrust } from './trust/open-trust.ts';
export { openSignedCallerVerifier, openSignedCallTokens } from './trust/signed.ts';
export type { CallerVerifier, CallTokens } from './trust/trust.ts';
