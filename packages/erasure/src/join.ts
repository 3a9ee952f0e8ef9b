import type { Broker, Publisher } from '@mysmtp/broker';
import { startJob, type House } from '@mysmtp/service';
import type { Connection } from 'mongoose';
import { tallyExpiry, tallyExpiryPeriod } from './expire-tallies.ts';
import { openParticipant, type Participant, type ParticipantOptions } from './participant.ts';
import { openReceipts } from './receipts.ts';
import { openTally } from './tally.ts';

export interface Joining extends Pick<
  ParticipantOptions,
  'purges' | 'plant' | 'signed' | 'standing'
> {
  readonly broker: Broker;
  readonly publisher: Publisher;
  readonly database: Connection;
}

/** Makes a service take part in erasures, for as long as its house stands. */
export async function joinErasures(
  house: House<{ readonly serviceKeyFile: string }>,
  { database, ...joining }: Joining,
): Promise<Participant> {
  const { name: service, clock, log, metrics, config } = house;
  const tally = await openTally(database, clock);
  const expire = tallyExpiry({ service, tally, clock, metrics });
  house.own(startJob('expire-tallies', tallyExpiryPeriod, expire, house), (job) => job.stop());
  const receipts = await openReceipts(service, config.serviceKeyFile, clock);
  return house.own(
    openParticipant({ ...joining, database, service, receipts, tally, clock, log }),
    (open) => open.stop(),
  );
}
