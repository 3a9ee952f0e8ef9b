export * from './services.ts';
export { contentOf, parseJson, readContent, reader, written } from './message.ts';
export * from './status.ts';
export * from './ids.ts';
export { actorText, type Actor } from './actor.ts';
export {
  operatorRealm,
  operatorRoles,
  PrincipalAnswer,
  PrincipalRequest,
  roles,
  sessionPrefix,
  tenantRoles,
  UseReport,
  type Role,
  type Use,
} from './access.ts';
export * from './keys.ts';
export { callersOf, mayHaveKey, mayKnow } from './callers.ts';
export {
  exceedingKeys,
  KeyDays,
  keyDaysSettings,
  keptDays,
  keptUnderKeys,
  securityRetention,
  type KeptUnderKey,
} from './key-days.ts';
export * from './mail.ts';
export * from './events.ts';
export * from './erasure.ts';
export { CodedError, errorCodes, type ErrorCode } from './error-codes.ts';
export * from './subject.ts';
export { commitmentOf } from './commitment.ts';
export * from './identity.ts';
export * from './plans.ts';
export * from './auth-attempts.ts';
export * from './notices.ts';
export * from './person-requests.ts';
export * from './security-events.ts';
export * from './audit-head.ts';
export * from './findings.ts';
export * from './suppressions.ts';
export * from './orders.ts';
export * from './person-export.ts';
export { day, hour, minute } from './time.ts';
export { Signed, signedKinds, type PayloadOf, type SignedKindName } from './signed.ts';
export { isUnavailable, TenantUnavailable } from './tenant-unavailable.ts';
export * from './topology.ts';
export {
  brokerPermissions,
  brokerTopicPermissions,
  type BrokerPermissions,
  type TopicPermissions,
} from './broker-permissions.ts';
export * from './log-fields.ts';
export * from './internal-apis.ts';
export {
  publishedKey,
  PublishedKeySet,
  publishedKeysPath,
  serviceKeysIn,
  type PublishedKey,
  type StoredKey,
} from './published-keys.ts';
export {
  ledgerRetention,
  outlives,
  outlivesPerson,
  outlivingAt,
  outlivingOf,
  Outliving,
} from './registry/outlives.ts';
export { registryVersions, type RegistryVersion } from './registry/versions.ts';
export { registry } from './registry/registry.ts';
export { coverageOf, coverageText } from './registry/coverage.ts';
export { projectedFields } from './registry/projection.ts';
export { answeringStores } from './registry/answering.ts';
export {
  Registry,
  type Collection,
  type Coverage,
  type ErasureRule,
  type Word,
} from './registry/shape.ts';
