import { homedir } from 'node:os';
import path from 'node:path';
import { MongoBinary } from 'mongodb-memory-server-core';
import type { Way } from '../way.ts';
import { mongodPlan } from './mongod-plan.ts';

const host = 'https://fastdl.mongodb.org/';

/** The real thing, by mongodb-memory-server's download, kept in the user's cache. */
export const download: Way = {
  name: 'download of MongoDB',
  find: async (place) => {
    const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
    const downloadDir = path.join(cache, 'mysmtp', 'mongodb');
    const options = { downloadDir, version: '8.0.15', checkMD5: false };
    // A machine without the internet must learn that in seconds: ask before trying.
    const reachable = await fetch(host, {
      method: 'HEAD',
      signal: AbortSignal.timeout(5_000),
    }).then(
      () => true,
      () => false,
    );
    if (!reachable) return { reason: `${host} does not answer from here` };
    try {
      place.progress('Downloading MongoDB (once)');
      return await mongodPlan(await MongoBinary.getPath(options), place);
    } catch {
      return { reason: 'the download failed, or there is no build for this system' };
    }
  },
};
