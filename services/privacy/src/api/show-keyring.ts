import type { privacyApi } from '@mysmtp/api';
import type { KeyDays } from '@mysmtp/contracts';
import type { Handler } from '@mysmtp/http';
import type { Clock } from '@mysmtp/service';
import { isDue } from '../keyring/day-roots.ts';
import type { Roots } from '../keyring/roots.ts';

export function showKeyring(deps: {
  roots: Roots;
  days: KeyDays;
  clock: Clock;
}): Handler<typeof privacyApi.showKeyring> {
  return async () => {
    const now = deps.clock.now();
    const roots = (await deps.roots.all()).map((root) => ({
      id: root._id,
      kind: root.kind,
      day: root.day,
      createdAt: root.createdAt.toISOString(),
      destroyedAt: root.destroyedAt?.toISOString() ?? null,
      overdue: root.destroyedAt === null && isDue(root, deps.days, now),
    }));
    return { status: 200, body: { roots } };
  };
}
