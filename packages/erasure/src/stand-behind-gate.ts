import type { Control, Publisher } from '@mysmtp/broker';
import { internalApis, type InHand } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { House } from '@mysmtp/service';
import type { Signed } from '@mysmtp/signed';
import type { Gate } from './gate.ts';
import { followKeyDays } from './follow-key-days.ts';
import { openGate } from './open-gate.ts';
import { standingAt } from './standing.ts';

/**
 * The gate of a service that asks privacy which fences stand. Call it before anything that writes is
 * opened, so that it closes after it. Not ready while this process may not write: also not for as long
 * as it would keep something for longer than its key lives.
 */
export function standBehindGate(
  house: House<{ readonly processLease: number }>,
  means: {
    readonly control: Control;
    readonly publisher: Publisher;
    readonly signed: Signed;
    /** Calls privacy. */
    readonly privacy: ServiceClient;
    /** The settings of this service that `keptUnderKeys` names, in milliseconds. */
    readonly kept?: Readonly<Record<string, number>>;
    readonly inHand?: (() => InHand | undefined) | undefined;
  },
): Gate {
  const { name: service, log, metrics, config } = house;
  const { control, publisher, signed, privacy, kept, inHand } = means;
  const fences = async () => (await privacy.call(internalApis.fences, {})).fences;
  const lease = config.processLease;
  const gate = openGate({
    service,
    control,
    publisher,
    signed,
    fences,
    standing: standingAt(privacy),
    lease,
    log,
    metrics,
    ...(kept === undefined ? {} : { mayKeep: followKeyDays(house, privacy, kept) }),
    ...(inHand === undefined ? {} : { inHand }),
  });
  house.own(gate, (open) => open.stop());
  house.readyWhen('fences', gate.isCurrent);
  return gate;
}
