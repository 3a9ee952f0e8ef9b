import { PublishError, type Publication } from '@mysmtp/broker';
import {
  routingKeys,
  type ErasureCommand,
  type QueueMarker,
  type ServiceName,
} from '@mysmtp/contracts';
import { publishInTime } from '../publish-in-time.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaMeans } from './means.ts';

const minute = 60_000;

/** How long after the `asked`-th time the others are asked again: what is on its way needs a moment. */
const pauseAfter = (asked: number, first: number, longest: number): number =>
  Math.min(first * 2 ** Math.max(0, asked - 1), longest);

/**
 * Sends these to the others, now and then, for as long as they have not answered. Whoever gets it twice
 * does nothing twice; a message that is lost is so made good.
 */
export async function askNowAndThen(
  { _id, step, asked, askedAt }: ErasureDocument,
  publications: readonly Publication[],
  { ledger, publisher, clock, log, resend }: SagaMeans,
  longest: number = minute,
): Promise<void> {
  if (publications.length === 0) return;
  const now = clock.now();
  if (askedAt !== null && now - askedAt.getTime() < pauseAfter(asked, resend, longest)) return;
  try {
    await Promise.all(publications.map((publication) => publishInTime(publisher, publication)));
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    log.warn('erasure.not_asked', { erasure: _id, status: step, reason: error.kind });
    return;
  }
  await ledger.updateOne({ _id, step }, { askedAt: new Date(now), $inc: { asked: 1 } });
}

export function plantCommand(
  service: ServiceName,
  { _id: erasure, tenant }: ErasureDocument,
): Publication {
  const command: ErasureCommand = { v: 1, do: 'plant', erasure, tenant };
  return toPrivacy(routingKeys.erasureCommand(service), command);
}

export function purgeCommand(
  service: ServiceName,
  { _id: erasure, tenant }: ErasureDocument,
  progressEvery: number,
): Publication {
  const command: ErasureCommand = { v: 1, do: 'purge', erasure, tenant, progressEvery };
  return toPrivacy(routingKeys.erasureCommand(service), command);
}

export function markerFor(queue: string, { _id: erasure, tenant }: ErasureDocument): Publication {
  const marker: QueueMarker = { v: 1, erasure, tenant };
  return toPrivacy(routingKeys.marker(queue), marker);
}

const toPrivacy = (key: string, message: unknown): Publication => ({
  key,
  content: Buffer.from(JSON.stringify(message)),
  // A queue that is not there yet is asked again: its service has never run.
  mandatory: false,
});
