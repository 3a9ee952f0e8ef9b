import type { RequestOutcome } from '@mysmtp/api';
import { operatorRealm } from '@mysmtp/contracts';
import type { Exports } from '../exports/exports.ts';
import type { Requests } from './ledger.ts';
import type { Language } from '../documents/text.ts';
import type { OperatorFacts } from '../documents/operator.ts';
import { refusedByRelay, type Notified } from '../recipients/notified.ts';
import type { RequestDocument } from './model.ts';
import type { Policies } from './policy.ts';

export interface OutcomeDeps {
  readonly requests: Pick<Requests, 'partsOf' | 'historyOf'>;
  readonly policies: Pick<Policies, 'of'>;
  readonly exports: Pick<Exports, 'until'>;
  readonly facts: Pick<OperatorFacts, 'subProcessors'>;
}

/**
 * What was done for a person, without the tenant unless it says who it is. The language is that of reasons that a
 * company is not told.
 */
export async function outcomesOf(
  request: RequestDocument,
  language: Language,
  deps: OutcomeDeps,
): Promise<RequestOutcome[]> {
  const { requests, policies } = deps;
  const parts = await requests.partsOf(request._id);
  const all = parts.length === 0 && request.state === 'refused' ? [request] : parts;
  return Promise.all(
    all.map(async (part) => {
      const history = await requests.historyOf(part);
      const refusal = history.find(({ kind }) => kind === 'refused');
      const { disclosedAs: by } =
        part.tenant === null || part.tenant === operatorRealm
          ? { disclosedAs: null }
          : await policies.of(part.tenant);
      return {
        state: part.state,
        certificate: part.certificate,
        reason: refusal?.reason ?? null,
        by,
        notified: part.notified.flatMap((one) => toldOf(one, language, deps)),
        // Without the secret of the request nobody can download it.
        ...(await copyOf(part, by !== null && request.statusHash !== null, deps)),
      };
    }),
  );
}

/** The sub-processors are public; who the customer is, is not, and `by` says it. */
function toldOf(
  { recipient, at, reason }: Notified,
  language: Language,
  { facts }: OutcomeDeps,
): RequestOutcome['notified'] {
  if (recipient === 'customer') return [];
  const known = facts.subProcessors.flatMap(({ notify }) =>
    'reason' in notify ? [notify.reason] : [],
  );
  // The ledger has the English text. A reason that is not in the facts any more has no other one.
  const text = [refusedByRelay, ...known].find(({ en }) => en === reason);
  return [{ recipient, at: at?.toISOString() ?? null, reason: text?.[language] ?? reason }];
}

/** A copy shows whom the mail is from or to. So only a customer that says who it is lets us hand it out. */
async function copyOf(
  { _id: part, kind, state }: RequestDocument,
  mayHandOut: boolean,
  { exports }: OutcomeDeps,
): Promise<Pick<RequestOutcome, 'copy' | 'download'>> {
  const isCopy = (kind === 'access' || kind === 'portability') && state === 'completed';
  if (!isCopy) return { copy: null, download: null };
  if (!mayHandOut) return { copy: 'sent_by_customer', download: null };
  const until = await exports.until(part);
  if (until === undefined) return { copy: 'ended', download: null };
  return { copy: 'download', download: { part, until: until.toISOString() } };
}
