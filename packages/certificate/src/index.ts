export { type JwkSet } from './jws.ts';
export { type FrozenRegistry } from './frozen-registry.ts';
export { openReceipt, type Asked } from './receipts.ts';
export { verify, type Verification } from './verify.ts';
