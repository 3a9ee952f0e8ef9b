export { openSigned, type VerifiedMessage, type Signed } from './signed.ts';
