import type { Control, Publisher } from '@mysmtp/broker';
import { internalApis, type InFlightReport } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { ServiceContext } from '@mysmtp/service';
import type { Signed } from '@mysmtp/signed';
import type { TenantGuard } from './tenant-guard.ts';
import { followKeyDays } from './follow-key-days.ts';
import { startTenantGuard } from './start-tenant-guard.ts';
import { standingAt } from './standing.ts';

/**
 * The tenant guard of a service that gets the current fences from privacy. Call it before anything that
 * writes is opened, so that it closes last. The service is not ready while this process may not write,
 * which includes the time in which it would keep data for longer than its key.
 */
export function openTenantGuard(
  context: ServiceContext<{ readonly processLease: number }>,
  deps: {
    readonly control: Control;
    readonly publisher: Publisher;
    readonly signed: Signed;
    /** Calls privacy. */
    readonly privacy: ServiceClient;
    /** The settings of this service that `keptUnderKeys` names, in milliseconds. */
    readonly kept?: Readonly<Record<string, number>>;
    readonly inFlight?: (() => InFlightReport | undefined) | undefined;
  },
): TenantGuard {
  const { name: service, log, metrics, config } = context;
  const { control, publisher, signed, privacy, kept, inFlight } = deps;
  const fences = async () => (await privacy.call(internalApis.fences, {})).fences;
  const lease = config.processLease;
  const guard = startTenantGuard({
    service,
    control,
    publisher,
    signed,
    fences,
    standing: standingAt(privacy),
    lease,
    log,
    metrics,
    ...(kept === undefined ? {} : { mayKeep: followKeyDays(context, privacy, kept) }),
    ...(inFlight === undefined ? {} : { inFlight }),
  });
  context.manage(guard, (open) => open.stop());
  context.readyWhen('fences', guard.isCurrent);
  return guard;
}
