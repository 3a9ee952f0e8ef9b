export * from './services.ts';
export * from './status.ts';
export * from './ids.ts';
export * from './keys.ts';
export {
  exceedingKeys,
  KeyDays,
  keyDaysSettings,
  keptUnderKeys,
  type KeptUnderKey,
} from './key-days.ts';
export * from './mail.ts';
export * from './events.ts';
export * from './erasure.ts';
export { commitmentOf } from './commitment.ts';
export * from './identity.ts';
export { Signed, signedKinds, type SaidOf, type SignedKindName } from './signed.ts';
export * from './topology.ts';
export {
  brokerPermissions,
  brokerTopicPermissions,
  type BrokerPermissions,
  type TopicPermissions,
} from './broker-permissions.ts';
export * from './log-fields.ts';
export * from './internal-apis.ts';
export { registry } from './registry/registry.ts';
export { answeringStores } from './registry/answering.ts';
export { Registry, type Collection, type Subject, type Word } from './registry/shape.ts';
