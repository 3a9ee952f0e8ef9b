export {
  collectionsOf,
  conditionsOf,
  countRecords,
  isSearchable,
  type Searchable,
} from './find-records.ts';
export { createGate, FencedError, NotCurrentError, type Gate, type OnFence } from './gate.ts';
export { openGate, type GateOptions, type OpenGate } from './open-gate.ts';
export { openParticipant, type Participant, type Purge } from './participant.ts';
export { readOwnKeys } from './own-keys.ts';
export { openReceipts, type Receipts } from './receipts.ts';
export { standingAt, type AskStanding } from './standing.ts';
export { openTally, type Tally } from './tally.ts';
export { joinErasures, type Joining } from './join.ts';
export { standBehindGate } from './stand-behind-gate.ts';
