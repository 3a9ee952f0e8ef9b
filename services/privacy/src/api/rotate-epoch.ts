import type { privacyApi } from '@mysmtp/api';
import { actorText } from '@mysmtp/contracts';
import type { Handler } from '@mysmtp/http';
import { rotateEpoch } from '../tenants/rotate-epoch.ts';

export function rotateEpochHandler(
  deps: Parameters<typeof rotateEpoch>[0],
): Handler<typeof privacyApi.rotateEpoch> {
  return async ({ principal }) => {
    const rotated = await rotateEpoch(deps);
    const actor = actorText(principal);
    deps.log.info('keyring.epoch_requested', { actor, root: rotated.epoch });
    return { status: 201, body: rotated };
  };
}
