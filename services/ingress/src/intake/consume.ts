import type { Readable } from 'node:stream';

/**
 * Reads a stream to its end. Where `take` gives a promise, no more comes until it is settled; where it
 * fails, the rest is read and thrown away, for only at the end somebody listens to an answer. Rejects
 * with that failure, or where the stream is cut off.
 */
export async function consume(
  stream: Readable,
  take: (octets: Buffer) => Promise<void> | undefined,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  let waiting: Promise<void> | undefined;

  function onData(octets: Buffer): void {
    if (failure !== undefined) return;
    const taken = take(octets);
    if (taken === undefined) return;
    stream.pause();
    waiting = taken
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => stream.resume());
  }

  await new Promise<void>((resolve, reject) => {
    const cutOff = () => reject(new Error('The stream was cut off'));
    if (stream.destroyed) return cutOff();
    const end = () => {
      stream.off('close', cutOff);
      resolve();
    };
    stream.on('data', onData).once('end', end).once('error', reject).once('close', cutOff);
  }).catch((error: unknown) => {
    failure ??= { error };
  });
  // What is being written must be written before anyone cleans up after it.
  await waiting;
  if (failure !== undefined) throw failure.error;
}
