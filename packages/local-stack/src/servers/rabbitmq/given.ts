import type { Way } from '../way.ts';
import { managementApi } from './management.ts';

/** A server that somebody else runs: used, never started or stopped. */
export const given: Way = {
  name: 'RABBITMQ_URL and RABBITMQ_MANAGEMENT_URL',
  find: async () => {
    const url = process.env['RABBITMQ_URL'];
    const managementUrl = process.env['RABBITMQ_MANAGEMENT_URL'];
    if (url === undefined && managementUrl === undefined) return { reason: 'not set' };
    if (url === undefined || managementUrl === undefined) {
      return { reason: 'both are needed, with an administrator’s user name and password' };
    }
    const overview = await managementApi(managementUrl).overview();
    return {
      product: `RabbitMQ ${overview.rabbitmq_version}`,
      programs: [],
      adminUrl: url,
      managementUrl,
      dataDir: null,
    };
  },
};
