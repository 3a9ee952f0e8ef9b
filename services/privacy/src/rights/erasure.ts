import type { Hold } from '@mysmtp/contracts';
import type { Answers } from '../erasures/answers.ts';
import { stateOf, type ErasureDocument, type Ledger } from '../erasures/ledger.ts';
import { requestErasureOfPerson, type RequestDeps } from '../erasures/request.ts';
import type { PersonRequest, Right, RightProgress } from './right.ts';

/** Erases a person in the data of one tenant (GDPR Art. 17). */
export function erasure(
  deps: RequestDeps & {
    readonly ledger: Ledger;
    readonly answers: Answers;
    /** The legal holds on the person that are in force now. */
    readonly holdsOf: (of: Pick<PersonRequest, 'tenant' | 'person'>) => Promise<readonly Hold[]>;
  },
): Right {
  const { ledger, answers, holdsOf } = deps;

  async function progressOf(entry: ErasureDocument): Promise<RightProgress> {
    const state = stateOf(entry);
    const receipts = await answers.receipts(entry._id);
    return {
      state:
        state === 'completed_live' || state === 'partial' || state === 'failed'
          ? state
          : 'in_progress',
      waitingFor: [...entry.silent, ...entry.leftovers],
      receipts: receipts.map(({ store, jws }) => ({ store, jws })),
      ...(entry.certificate !== null && { certificate: entry.certificate }),
    };
  }

  return async (asked) => {
    const { id: request, tenant, person, commitment } = asked;
    const own = await ledger.findOne({ request }).lean();
    if (own !== null) return progressOf(own);
    const entered = await requestErasureOfPerson(
      {
        subject: { kind: 'person', tenant, person },
        commitment,
        request,
        holds: await holdsOf(asked),
      },
      deps,
    );
    // Everything of the tenant is erased, so everything of the person is.
    if (entered === undefined) return { state: 'completed_live', waitingFor: [], receipts: [] };
    // The commitment of the other request is for its requester alone. This one begins after it.
    const waitingFor = entered.isNew ? [] : ['another erasure of the same person'];
    return { state: 'in_progress', waitingFor, receipts: [] };
  };
}
