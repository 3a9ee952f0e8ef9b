import { UnavailableError, type Way } from '../way.ts';
import { managementApi } from '@mysmtp/provision';

/** An external server: used, never started or stopped. */
export const given: Way = {
  name: 'RABBITMQ_URL and RABBITMQ_MANAGEMENT_URL',
  kind: 'given',
  isNamed: () => Boolean(process.env['RABBITMQ_URL']),
  find: async () => {
    const url = process.env['RABBITMQ_URL'] || undefined;
    const managementUrl = process.env['RABBITMQ_MANAGEMENT_URL'] || undefined;
    if (url === undefined && managementUrl === undefined) return { reason: 'not set' };
    if (url === undefined || managementUrl === undefined) {
      throw new UnavailableError(
        'RABBITMQ_URL and RABBITMQ_MANAGEMENT_URL are needed both, with an administrator’s user name and password',
      );
    }
    // If a server is named explicitly and does not answer, no other one is used.
    const overview = await managementApi(managementUrl)
      .overview()
      .catch((error: unknown) => {
        throw new UnavailableError('RABBITMQ_MANAGEMENT_URL: login as administrator refused', {
          cause: error,
        });
      });
    return {
      product: `RabbitMQ ${overview.rabbitmq_version}`,
      programs: [],
      adminUrl: url,
      managementUrl,
      dataDir: null,
    };
  },
};
