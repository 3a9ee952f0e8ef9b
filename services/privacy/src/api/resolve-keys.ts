import { Day, mayHaveKey, purposeOf } from '@mysmtp/contracts';
import { problems, type Route } from '@mysmtp/http';
import { keysRoute } from '@mysmtp/keys';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import { isTooFarAhead } from '../keyring/days.ts';
import type { KeyringMetrics } from '../keyring/metrics.ts';
import { resolveKeys, unaskedIds } from '../keyring/resolve.ts';

export function resolveKeysRoute(
  signed: Signed,
  means: Parameters<typeof resolveKeys>[2] & { log: Logger; metrics: KeyringMetrics },
): Route {
  const { clock, log, metrics } = means;
  return keysRoute(signed, async ({ tenant, ids }, caller) => {
    for (const id of ids ?? []) {
      refuseImpossible(id, clock.now());
      if (mayHaveKey(caller, id)) continue;
      log.error('keyring.key_refused', { tenant, key: id, peerService: caller });
      throw problems.forbidden();
    }
    const wanted = ids ?? unaskedIds(clock.now()).filter((id) => mayHaveKey(caller, id));
    try {
      const answer = await resolveKeys(tenant, wanted, means);
      metrics.answered(answer.state);
      for (const id of Object.keys(answer.keys)) metrics.gave(caller, purposeOf(id));
      return answer;
    } catch (error) {
      // Whatever it is, the caller can only try again: never a refusal that looks like "destroyed".
      metrics.answered('failed');
      log.error('keyring.resolve_failed', { tenant, error });
      throw problems.unavailable('The keyring cannot answer now');
    }
  });
}

function refuseImpossible(id: string, now: number): void {
  const day = id.split(':')[1];
  if (day === undefined) return;
  if (!Day.safeParse(day).success) {
    throw problems.invalid([{ path: 'ids', message: 'There is no such day' }]);
  }
  if (isTooFarAhead(day, now)) {
    throw problems.invalid([{ path: 'ids', message: 'There are no keys beyond tomorrow' }]);
  }
}
