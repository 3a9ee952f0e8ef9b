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
export {
  createChainVerifier,
  type ChainFault,
  type ChainVerifier,
  type Content,
  type Finding,
  type Head,
} from './verify.ts';
