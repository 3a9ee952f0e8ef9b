import { privacyApi } from '@mysmtp/api';
import type { Clock } from '@mysmtp/service';
import type { SubmittedMail } from '../mails/outbox.ts';
import { liftingMail } from '../mails/texts.ts';
import type { AdvanceDeps } from './advance.ts';
import type { Requests } from './ledger.ts';
import { realmOf, type Content, type RequestDocument } from './model.ts';

const aboutLifting = (id: string): string => `${id} lifting`;

/** The mail could not be sent. A human tells the person, and records it. */
const notTold = 'person_not_told';

/** Writes to the person that the tenant ends the restriction (GDPR Art. 18(3)). */
export async function tellLifting(
  request: RequestDocument,
  { address, language }: Content,
  { requests, mails, policies, facts }: AdvanceDeps,
): Promise<void> {
  const { _id } = request;
  if (request.entries.some(({ kind }) => kind === notTold)) return;
  if (await mails.has(aboutLifting(_id))) return;
  // Read after that: an accepted mail is in the ledger before it is removed.
  if ((await requests.find({ _id, personToldAt: null })) === null) return;
  const page = new URL(privacyApi.showRequestForm.path, facts.privacyUrl);
  page.searchParams.set('language', language);
  const { disclosedAs } = await policies.of(realmOf(request));
  const mail = liftingMail(language, {
    customer: disclosedAs,
    page: page.href,
    complaint: facts.supervisoryAuthority.name,
  });
  await mails.keep(aboutLifting(_id), { to: address, ...mail });
}

/** The restriction is lifted in the next turn, once our relay has accepted the mail. */
export async function liftingTold(
  { about, result }: SubmittedMail,
  { requests, clock }: { readonly requests: Requests; readonly clock: Clock },
): Promise<void> {
  const [id = ''] = about.split(' ');
  if (about !== aboutLifting(id)) return;
  const request = await requests.find({ _id: id });
  if (request === null) return;
  const at = new Date(clock.now());
  const [set, kind] =
    result === 'accepted' ? [{ personToldAt: at, turnAt: at }, 'person_told'] : [{}, notTold];
  await requests.change(request, { personToldAt: null }, set, { by: 'job:submit-mails', kind });
}
