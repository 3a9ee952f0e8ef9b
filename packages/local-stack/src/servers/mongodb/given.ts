import type { Way } from '../way.ts';
import { withClient } from './client.ts';

/** A server that somebody else runs: used, never started or stopped. */
export const given: Way = {
  name: 'MONGODB_URL',
  find: async () => {
    const url = process.env['MONGODB_URL'];
    if (url === undefined) return { reason: 'not set (an administrator’s connection string)' };
    const version = await withClient(url, async (client) => {
      const info = await client.db('admin').command({ buildInfo: 1 });
      return String(info['version']);
    });
    return { product: `MongoDB ${version}`, programs: [], adminUrl: url, dataDir: null };
  },
};
