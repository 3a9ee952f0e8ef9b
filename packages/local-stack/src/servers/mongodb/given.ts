import { UnavailableError, type Way } from '../way.ts';
import { withClient } from './client.ts';

/** An external server: used, never started or stopped. */
export const given: Way = {
  name: 'MONGODB_URL',
  kind: 'given',
  isNamed: () => Boolean(process.env['MONGODB_URL']),
  find: async () => {
    const url = process.env['MONGODB_URL'] || undefined;
    if (url === undefined) return { reason: 'not set (an administrator’s connection string)' };
    // If a server is named explicitly and does not answer, no other one is used.
    const version = await withClient(url, async (client) => {
      const info = await client.db('admin').command({ buildInfo: 1 });
      return String(info['version']);
    }).catch((error: unknown) => {
      throw new UnavailableError('MONGODB_URL: login refused', { cause: error });
    });
    return { product: `MongoDB ${version}`, programs: [], adminUrl: url, dataDir: null };
  },
};
