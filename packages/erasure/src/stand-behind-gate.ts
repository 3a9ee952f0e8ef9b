import type { BrokerSettings, Publisher } from '@mysmtp/broker';
import { internalApis } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { House } from '@mysmtp/service';
import type { Gate } from './gate.ts';
import { openGate } from './open-gate.ts';

/**
 * The gate of a service that asks privacy which fences stand. Call it before anything that writes is
 * opened, so that it closes after it. Not ready while this process may not write.
 */
export async function standBehindGate(
  house: House<{ readonly processLease: number }>,
  means: {
    readonly broker: BrokerSettings;
    readonly publisher: Publisher;
    /** Calls privacy. */
    readonly privacy: ServiceClient;
  },
): Promise<Gate> {
  const { name: service, log, metrics, config } = house;
  const { broker, publisher, privacy } = means;
  const fences = async () => (await privacy.call(internalApis.fences, {})).fences;
  const lease = config.processLease;
  const gate = await openGate({ service, broker, publisher, fences, lease, log, metrics });
  house.own(gate, (open) => open.stop());
  house.readyWhen('fences', gate.isCurrent);
  return gate;
}
