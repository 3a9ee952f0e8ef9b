import type { privacyApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import { stateOf, type Ledger } from '../erasures/ledger.ts';

const most = 1_000;

export function listErasures(ledger: Ledger): Handler<typeof privacyApi.listErasures> {
  return async () => {
    const found = await ledger.find().sort({ requestedAt: -1 }).limit(most).lean();
    const erasures = found.map((entry) => ({
      id: entry._id,
      state: stateOf(entry),
      requestedAt: entry.requestedAt.toISOString(),
      missing: [...entry.silent],
    }));
    return { status: 200, body: { erasures } };
  };
}
