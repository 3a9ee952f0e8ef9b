export { openSigned, type Heard, type Signed } from './signed.ts';
