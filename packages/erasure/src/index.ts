export {
  collectionsOf,
  conditionsFor,
  conditionsOf,
  countRecords,
  isSearchable,
  valuesOf,
  type Searchable,
} from './find-records.ts';
export { createGate, FencedError, NotCurrentError, type Gate, type OnFence } from './gate.ts';
export { openGate, type GateOptions, type OpenGate } from './open-gate.ts';
export { openParticipant, type Participant } from './participant.ts';
export { type Planting, type Purge, type Purges } from './purges.ts';
export { readOwnKeys } from './own-keys.ts';
export { openReceipts, type Receipts } from './receipts.ts';
export { standingAt, type AskStanding } from './standing.ts';
export { openTally, type Tally } from './tally.ts';
export { joinErasures, type Joining } from './join.ts';
export { standBehindGate } from './stand-behind-gate.ts';
