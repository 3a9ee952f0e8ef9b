export {
  beforeFirst,
  chainKeyOf,
  commitmentOfPayload,
  digestOf,
  linked,
  payloadOf,
  rangesOf,
  saltLength,
  AuditPayload,
  type About,
  type ChainEntry,
  type Position,
} from './format.ts';
