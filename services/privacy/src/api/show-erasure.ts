import type { privacyApi } from '@mysmtp/api';
import { reader, Receipt } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import { decodeJwt } from 'jose';
import type { Answers, StoredReceipt } from '../erasures/answers.ts';
import { stateOf, type Ledger } from '../erasures/ledger.ts';

export function showErasure(deps: {
  ledger: Ledger;
  answers: Answers;
}): Handler<typeof privacyApi.showErasure> {
  const { ledger, answers } = deps;
  return async ({ params: { id } }) => {
    const entry = await ledger.findById(id).lean();
    if (entry === null) throw problems.notFound();
    const body = {
      id,
      state: stateOf(entry),
      step: entry.step,
      requestedAt: entry.requestedAt.toISOString(),
      since: entry.since.toISOString(),
      missing: [...entry.silent],
      leftovers: [...entry.leftovers],
      receipts: (await answers.receipts(id)).map(read),
      certificate: entry.certificate,
      completedAt: entry.completedAt?.toISOString() ?? null,
      // An entry of an earlier release has none.
      notified: (entry.notified ?? []).map(({ recipient, at, message, reason }) => ({
        recipient,
        at: at?.toISOString() ?? null,
        message,
        reason,
      })),
    };
    return { status: 200, body };
  };
}

const read = ({ jws }: StoredReceipt) => ({ ...reader(Receipt).parse(decodeJwt(jws)), jws });
