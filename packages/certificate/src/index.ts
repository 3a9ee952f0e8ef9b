export { InputError, readKeys } from './inputs.ts';
export { openSigned, type JwkSet } from './jws.ts';
export { invalidAt, keysOfService } from './published-keys.ts';
export { type FrozenRegistry } from './frozen-registry.ts';
export { openReceipt, type Asked } from './receipts.ts';
export { verify, type Verification } from './verify.ts';
