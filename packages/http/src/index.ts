export { openApi, type Api, type ApiOptions } from './api.ts';
export { hashToken, type TokenLookup } from './authorize.ts';
export {
  openSignedCallerVerifier,
  openSignedCallTokens,
  type CallerVerifier,
  type CallTokens,
} from './internal-auth.ts';
export { openApiDocument } from './openapi.ts';
export { Problem, problems } from './problem.ts';
export {
  everybody,
  implement,
  operators,
  owners,
  ownersAndOperators,
  route,
  type Access,
  type Caller,
  type Reply,
  type Route,
} from './route.ts';
export { CallError, createServiceClient, type ServiceClient } from './service-client.ts';
