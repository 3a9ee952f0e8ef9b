import { once } from 'node:events';
import { DryMongoBinary, MongoBinary } from 'mongodb-memory-server-core';
import { cacheDir } from '@mysmtp/tooling';
import type { Way } from '../way.ts';
import { mongodPlan } from './mongod-plan.ts';

const host = 'https://fastdl.mongodb.org/';
const version = '8.0.15';

/** The real thing, by mongodb-memory-server's download, kept in the user's cache. */
export const download: Way = {
  name: 'download of MongoDB',
  kind: 'mongod',
  find: async (place) => {
    const options = { downloadDir: cacheDir('mongodb'), version };
    const cached = await DryMongoBinary.locateBinary(options).catch(() => undefined);
    if (cached !== undefined) return mongodPlan(cached, place);
    // A machine without the internet must learn that in seconds: ask before trying.
    const reachable = await fetch(host, {
      method: 'HEAD',
      signal: AbortSignal.any([place.signal, AbortSignal.timeout(5_000)]),
    }).then(
      () => true,
      () => false,
    );
    if (!reachable) return { reason: `${host} does not answer from here` };
    try {
      const binary = await place.step(`Downloading MongoDB ${version} (once)`, () =>
        Promise.race([MongoBinary.getPath(options), aborted(place.signal)]),
      );
      return await mongodPlan(binary, place);
    } catch (error) {
      place.signal.throwIfAborted();
      return { reason: error instanceof Error ? error.message : String(error) };
    }
  },
};

/** Rejects when the signal aborts: the download itself cannot be told to end. */
async function aborted(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}
