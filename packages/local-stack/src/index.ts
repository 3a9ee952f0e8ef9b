export { startServers, type Server, type Servers, type ServersOptions } from './servers/start.ts';
export { managementApi, type ManagementApi } from './servers/rabbitmq/management.ts';
