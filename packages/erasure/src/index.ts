export {
  collectionsOf,
  conditionsFor,
  conditionsOf,
  countRecords,
  isSearchable,
  pathsFor,
  valuesOf,
  type Searchable,
} from './find-records.ts';
export {
  createTenantGuard,
  FencedError,
  StaleFencesError,
  type TenantGuard,
  type OnFence,
  type OnPersonFence,
  type PersonFences,
} from './tenant-guard.ts';
export {
  startTenantGuard,
  type TenantGuardDeps,
  type RunningTenantGuard,
} from './start-tenant-guard.ts';
export { createParticipant, type Participant } from './participant.ts';
export { type Planting, type Purge, type Purges } from './purges.ts';
export { openReceipts, readOwnKeys, type Receipts } from './receipts.ts';
export { standingAt, type AskStanding } from './standing.ts';
export { openDeletionCounts, type DeletionCounts } from './deletion-counts.ts';
export { openErasureParticipant, type ErasureParticipantDeps } from './open-erasure-participant.ts';
export { openTenantGuard } from './open-tenant-guard.ts';
