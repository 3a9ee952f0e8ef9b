import type { Broker, Publisher } from '@mysmtp/broker';
import { startJob, type ServiceContext } from '@mysmtp/service';
import type { Connection } from 'mongoose';
import {
  deletionCountExpiry,
  deletionCountExpiryPeriod,
  openDeletionCounts,
} from './deletion-counts.ts';
import { createParticipant, type Participant, type ParticipantOptions } from './participant.ts';
import { openReceipts } from './receipts.ts';

export interface ErasureParticipantDeps extends Pick<
  ParticipantOptions,
  'purges' | 'plant' | 'orders' | 'signed' | 'standing'
> {
  readonly broker: Broker;
  readonly publisher: Publisher;
  readonly database: Connection;
}

/** Makes a service take part in erasures until its context closes. */
export async function openErasureParticipant(
  context: ServiceContext<{ readonly serviceKeyFile: string }>,
  { database, ...joining }: ErasureParticipantDeps,
): Promise<Participant> {
  const { name: service, clock, log, metrics, config } = context;
  const deletionCounts = await openDeletionCounts(database, clock);
  const expire = deletionCountExpiry({ service, deletionCounts, clock, metrics });
  context.manage(
    startJob('expire-deletion-counts', deletionCountExpiryPeriod, expire, context),
    (job) => job.stop(),
  );
  const receipts = await openReceipts(service, config.serviceKeyFile, clock);
  return context.manage(
    createParticipant({ ...joining, database, service, receipts, deletionCounts, clock, log }),
    (open) => open.stop(),
  );
}
