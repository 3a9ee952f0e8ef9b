import { randomBytes, randomUUID } from 'node:crypto';
import type { privacyApi } from '@mysmtp/api';
import { commitmentOf } from '@mysmtp/contracts';
import { escapeHtml, problems, type Handlers, type Page } from '@mysmtp/http';
import { openUnsubscribe, SealError, tenantOfUnsubscribe } from '@mysmtp/seal';
import { text, type Language, type Text } from '../documents/text.ts';
import type { Orders } from '../orders/orders.ts';
import type { Requests } from '../requests/ledger.ts';
import type { AccountKeyOf } from '../tenants/account-key.ts';
import { preferred } from './documents.ts';

type UnsubscribeHandlers = Pick<Handlers<typeof privacyApi>, 'showUnsubscribe' | 'unsubscribe'>;

const title = text('Stop this mail', 'Diese E-Mails abbestellen');
const ask = text(
  'You have received a mail from a customer of ours. With this button you object to further mail of this sender to your address. It is in force at once.',
  'Sie haben eine E-Mail von einem unserer Kunden erhalten. Mit diesem Knopf widersprechen Sie weiteren E-Mails dieses Absenders an Ihre Adresse. Der Widerspruch gilt sofort.',
);
const button = text('Send me no more mail', 'Keine E-Mails mehr senden');
const doneText = text(
  'Done: we send no more mail of this sender to your address.',
  'Erledigt: Wir senden keine E-Mails dieses Absenders mehr an Ihre Adresse.',
);

const paragraph = (of: Text, language: Language): string => `<p>${escapeHtml(of[language])}</p>`;

const formIn = (language: Language): string => `${paragraph(ask, language)}
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">
<button>${escapeHtml(button[language])}</button></form>`;

function pageOf(languages: readonly string[], main: (language: Language) => string): Page {
  const language = preferred(languages);
  return { language, title: title[language], main: main(language) };
}

/** A click objects at once, without a challenge: who has the mail has the mailbox. */
export function unsubscribeHandlers(deps: {
  readonly orders: Pick<Orders, 'give'>;
  readonly requests: Pick<Requests, 'addClick'>;
  readonly accountKeyOf: AccountKeyOf;
}): UnsubscribeHandlers {
  const { orders, requests, accountKeyOf } = deps;

  async function opened(token: string): Promise<{ tenant: string; person: string }> {
    const tenant = tenantOfUnsubscribe(token);
    if (tenant === undefined) throw problems.notFound();
    try {
      return { tenant, person: openUnsubscribe(await accountKeyOf(tenant), token) };
    } catch (error) {
      if (error instanceof SealError) throw problems.notFound();
      throw error;
    }
  }

  return {
    async showUnsubscribe({ params: { token }, languages }) {
      await opened(token);
      return {
        status: 200,
        body: { state: 'not_objected_here' },
        page: { ...pageOf(languages, formIn), hasForm: true },
      };
    },
    async unsubscribe({ params: { token }, languages }) {
      const { tenant, person } = await opened(token);
      // Nobody has the nonce: there is nothing to show with it.
      const commitment = commitmentOf(randomBytes(32).toString('hex'), person);
      // Another click has an order, too: the tenant may have removed the objection.
      const id = (await requests.addClick({ tenant, person, commitment })) ?? randomUUID();
      await orders.give({
        id,
        kind: 'objection',
        tenant,
        person,
        commitment,
        do: 'mark',
        ground: 'objection',
        exists: true,
      });
      const page = pageOf(languages, (language) => paragraph(doneText, language));
      return { status: 200, body: { state: 'objected' }, page };
    },
  };
}
