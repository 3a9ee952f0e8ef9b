export { addressIndex, blindIndex, domainIndex, tagIndex } from './blind-index.ts';
export {
  chunkSize,
  createChunkSealer,
  openChunk,
  type ChunkPosition,
  type ChunkSealer,
} from './chunks.ts';
export { SealError } from './format.ts';
export { keyIdOf, open, openJson, seal, sealInPieces, sealJson } from './seal.ts';
export { takeKey } from './take-key.ts';
export type { OpenContext, SealContext } from './context.ts';
export { openUnsubscribe, sealUnsubscribe, tenantOfUnsubscribe } from './unsubscribe-token.ts';
