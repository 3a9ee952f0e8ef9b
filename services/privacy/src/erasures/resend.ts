import { PublishError } from '@mysmtp/broker';
import { minute, routingKeys, type ErasureCommand, type ServiceName } from '@mysmtp/contracts';
import type { Signed } from '@mysmtp/signed';
import { publishInTime } from '../publish-in-time.ts';
import type { ErasureDocument } from './ledger.ts';
import type { SagaDeps } from './deps.ts';

/** Pause after the services were asked `asked` times: an answer needs a moment. */
const pauseAfter = (asked: number, first: number, longest: number): number =>
  Math.min(first * 2 ** Math.max(0, asked - 1), longest);

/** A message of privacy about an erasure. It is signed anew each time that it is sent. */
export interface ErasureMessage {
  readonly key: string;
  sign(signed: Signed): Promise<Buffer>;
  /** False for a broadcast. */
  readonly persistent?: boolean;
}

/**
 * Resends the commands with back-off until answered. Commands are idempotent, so duplicates are harmless.
 */
export async function resendUntilAnswered(
  { _id, step, asked, askedAt }: ErasureDocument,
  messages: readonly ErasureMessage[],
  { ledger, publisher, signed, clock, log, resend }: SagaDeps,
  longest: number = minute,
): Promise<void> {
  if (messages.length === 0) return;
  const now = clock.now();
  if (askedAt !== null && now - askedAt.getTime() < pauseAfter(asked, resend, longest)) return;
  try {
    await Promise.all(
      messages.map(async ({ key, sign, persistent = true }) => {
        const content = await sign(signed);
        // A queue does not exist if its service has never run. The command is resent later.
        await publishInTime(publisher, { key, content, persistent, mandatory: false });
      }),
    );
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    log.warn('erasure.not_requested', { erasure: _id, status: step, reason: error.kind });
    return;
  }
  await ledger.updateOne({ _id, step }, { askedAt: new Date(now), $inc: { asked: 1 } });
}

export function plantCommand(
  service: ServiceName,
  { _id: erasure, subject }: ErasureDocument,
): ErasureMessage {
  return command(service, { v: 1, do: 'plant', erasure, subject });
}

export function purgeCommand(
  service: ServiceName,
  { _id: erasure, subject, commitment, holds, canaries }: ErasureDocument,
  progressEvery: number,
): ErasureMessage {
  const order = { v: 1, do: 'purge', erasure, subject, commitment, progressEvery } as const;
  // The canaries of a tenant are found as its other records are.
  if (subject.kind === 'tenant') return command(service, order);
  return command(service, {
    ...order,
    canaries,
    ...(holds !== undefined && holds.length > 0 && { holds: [...holds] }),
  });
}

export function markerFor(
  queue: string,
  { _id: erasure, subject, commitment }: ErasureDocument,
): ErasureMessage {
  const key = routingKeys.marker(queue);
  return { key, sign: (signed) => signed.sign('marker', { v: 1, erasure, subject, commitment }) };
}

const command = (service: ServiceName, payload: ErasureCommand): ErasureMessage => ({
  key: routingKeys.erasureCommand(service),
  sign: (signed) => signed.sign('command', payload),
});
