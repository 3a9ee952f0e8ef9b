export type { SealingKeys } from './cache.ts';
export { KeyDestroyedError, KeyUnavailableError } from './errors.ts';
export { answerKeys, askForKeys, type KeysAnswer } from './handover.ts';
export { openKeyring, type Keyring, type KeyringOptions } from './keyring.ts';
