import type { Readable } from 'node:stream';

/**
 * Reads a stream to its end. If `take` returns a promise, the stream is paused until it is settled. If `take`
 * fails, the rest is read and discarded, because the client reads a reply only after the end of the message.
 * Rejects with this failure, or if the stream is cut off.
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
  // A running write must end before the caller removes its data.
  await waiting;
  if (failure !== undefined) throw failure.error;
}
