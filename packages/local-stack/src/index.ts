export { explain } from './explain.ts';
export type { Supervised } from './processes/supervisor.ts';
export { freePort, freePorts } from './ports.ts';
export { startServers, type Server, type Servers, type ServersOptions } from './servers/start.ts';
export { provisionMongoDb } from './provision/mongodb.ts';
export { passwords } from './provision/passwords.ts';
export { certificateKeys, serviceKeys } from './stack/signing-keys.ts';
export {
  certificatesOf,
  internalCertificates,
  localCertificates,
  type Certificates,
} from './stack/certificates.ts';
export { startMx } from './stack/mx.ts';
export type { StackDescription } from './stack/description.ts';
export { programFile } from './stack/programs.ts';
export { startStack, type ProcessName, type Stack } from './stack/stack.ts';
export type { StartOptions } from './stack/options.ts';
