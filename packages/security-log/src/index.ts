export { openSecurityLog, type Happening, type SecurityLog } from './open.ts';
export { clientNetwork, sealAddress } from './sealing.ts';
