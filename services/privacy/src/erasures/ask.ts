import { PublishError } from '@mysmtp/broker';
import { minute, routingKeys, type ErasureCommand, type ServiceName } from '@mysmtp/contracts';
import type { Signed } from '@mysmtp/signed';
import { publishInTime } from '../publish-in-time.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaMeans } from './means.ts';

/** How long after the `asked`-th time the others are asked again: what is on its way needs a moment. */
const pauseAfter = (asked: number, first: number, longest: number): number =>
  Math.min(first * 2 ** Math.max(0, asked - 1), longest);

/** What privacy says of an erasure; signed anew each time that it is said. */
export interface Saying {
  readonly key: string;
  sign(signed: Signed): Promise<Buffer>;
  /** False for a broadcast. */
  readonly persistent?: boolean;
}

/**
 * Sends these to the others, now and then, for as long as they have not answered. Whoever gets it twice
 * does nothing twice; a message that is lost is so made good.
 */
export async function askNowAndThen(
  { _id, step, asked, askedAt }: ErasureDocument,
  sayings: readonly Saying[],
  { ledger, publisher, signed, clock, log, resend }: SagaMeans,
  longest: number = minute,
): Promise<void> {
  if (sayings.length === 0) return;
  const now = clock.now();
  if (askedAt !== null && now - askedAt.getTime() < pauseAfter(asked, resend, longest)) return;
  try {
    await Promise.all(
      sayings.map(async ({ key, sign, persistent = true }) => {
        const content = await sign(signed);
        // A queue that is not there yet is asked again: its service has never run.
        await publishInTime(publisher, { key, content, persistent, mandatory: false });
      }),
    );
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    log.warn('erasure.not_asked', { erasure: _id, status: step, reason: error.kind });
    return;
  }
  await ledger.updateOne({ _id, step }, { askedAt: new Date(now), $inc: { asked: 1 } });
}

export function plantCommand(
  service: ServiceName,
  { _id: erasure, subject }: ErasureDocument,
): Saying {
  return command(service, { v: 1, do: 'plant', erasure, subject });
}

export function purgeCommand(
  service: ServiceName,
  { _id: erasure, subject, commitment }: ErasureDocument,
  progressEvery: number,
): Saying {
  return command(service, { v: 1, do: 'purge', erasure, subject, commitment, progressEvery });
}

export function markerFor(
  queue: string,
  { _id: erasure, subject, commitment }: ErasureDocument,
): Saying {
  const key = routingKeys.marker(queue);
  return { key, sign: (signed) => signed.sign('marker', { v: 1, erasure, subject, commitment }) };
}

const command = (service: ServiceName, said: ErasureCommand): Saying => ({
  key: routingKeys.erasureCommand(service),
  sign: (signed) => signed.sign('command', said),
});
