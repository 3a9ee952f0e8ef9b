export { openSecurityLog, type Happening, type SecurityLog } from './open.ts';
export { clientNetwork } from './sealing.ts';
