export { explain } from './explain.ts';
export type { Supervised } from './processes/supervisor.ts';
export { startServers, type Server, type Servers, type ServersOptions } from './servers/start.ts';
export { localCertificates, type Certificates } from './stack/certificates.ts';
export type { StackFacts } from './stack/facts.ts';
export { startStack, type ProcessName, type Stack } from './stack/stack.ts';
export type { StartOptions } from './stack/start-options.ts';
