import { once } from 'node:events';
import { DryMongoBinary, MongoBinary } from 'mongodb-memory-server-core';
import { cacheDir } from '@mysmtp/tooling';
import type { Way } from '../way.ts';
import { mongodPlan } from './mongod-plan.ts';

const host = 'https://fastdl.mongodb.org/';
const version = '8.0.15';

/** A real MongoDB, downloaded by mongodb-memory-server into the user's cache. */
export const download: Way = {
  name: 'download of MongoDB',
  kind: 'mongod',
  find: async (place) => {
    const options = { downloadDir: cacheDir('mongodb'), version };
    const cached = await DryMongoBinary.locateBinary(options).catch(() => undefined);
    if (cached !== undefined) return mongodPlan(cached, place);
    // Checks reachability first, so that a machine without the internet fails within seconds.
    const reachable = await fetch(host, {
      method: 'HEAD',
      signal: AbortSignal.any([place.signal, AbortSignal.timeout(5_000)]),
    }).then(
      () => true,
      () => false,
    );
    if (!reachable) return { reason: `${host} is not reachable` };
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

/** Rejects when the signal aborts, because the download itself cannot be cancelled. */
async function aborted(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}
