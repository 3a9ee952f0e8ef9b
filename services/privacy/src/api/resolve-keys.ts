import type { privacyApi } from '@mysmtp/api';
import { Day, mayHaveKey, purposeOf } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import { answerKeys } from '@mysmtp/keys';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import { isTooFarAhead } from '../keyring/days.ts';
import type { KeyringMetrics } from '../keyring/metrics.ts';
import { resolveKeys, unaskedIds } from '../tenants/resolve.ts';

export function resolveKeysHandler(
  signed: Signed,
  deps: Parameters<typeof resolveKeys>[2] & { log: Logger; metrics: KeyringMetrics },
): Handler<typeof privacyApi.resolveKeys> {
  const { clock, log, metrics } = deps;
  const answer = answerKeys(signed, async ({ tenant, ids }, caller) => {
    for (const id of ids ?? []) {
      refuseImpossible(id, clock.now());
      if (mayHaveKey(caller, id)) continue;
      log.error('keyring.key_refused', { tenant, key: id, peerService: caller });
      throw problems.forbidden();
    }
    const wanted = ids ?? unaskedIds(clock.now()).filter((id) => mayHaveKey(caller, id));
    try {
      const answer = await resolveKeys(tenant, wanted, deps);
      metrics.answered(answer.state);
      for (const id of Object.keys(answer.keys)) metrics.gave(caller, purposeOf(id));
      return answer;
    } catch (error) {
      // Always 503, so the caller retries. The answer must never look like "destroyed".
      metrics.answered('failed');
      log.error('keyring.resolve_failed', { tenant, error });
      throw problems.unavailable('The keyring is temporarily unavailable');
    }
  });
  return async ({ body, principal }) => ({ status: 200, body: await answer(body, principal.id) });
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
