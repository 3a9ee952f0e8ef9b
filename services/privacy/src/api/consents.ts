import { consentPurposes, type AccountPrincipal, type privacyApi } from '@mysmtp/api';
import { actorText, operatorRealm } from '@mysmtp/contracts';
import { problems, type Handlers } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Consents } from '../consents/ledger.ts';
import { textsOf } from '../consents/purposes.ts';

type ConsentHandlers = Pick<
  Handlers<typeof privacyApi>,
  'listConsents' | 'giveConsent' | 'withdrawConsent'
>;

export function consentHandlers(deps: {
  readonly consents: Consents;
  /** Makes the key of the operators' realm. */
  readonly activate: (tenant: string) => Promise<unknown>;
  readonly log: Logger;
}): ConsentHandlers {
  const { consents, activate, log } = deps;

  /** A consent is an act of a person, never of a program with a key. */
  async function personOf(principal: AccountPrincipal) {
    if (principal.kind !== 'person') throw problems.notFound();
    if (principal.tenant === null) await activate(operatorRealm);
    return { tenant: principal.tenant ?? operatorRealm, id: principal.id };
  }

  return {
    async listConsents({ principal }) {
      const current = await consents.current(await personOf(principal));
      const shown = consentPurposes.map((purpose) => {
        const { given = false, at } = current[purpose] ?? {};
        return { purpose, given, since: at?.toISOString() ?? null, texts: textsOf(purpose) };
      });
      return { status: 200, body: { consents: shown } };
    },
    async giveConsent({ principal, params: { purpose }, body: { sha256 } }) {
      const person = await personOf(principal);
      if (!textsOf(purpose).some((text) => text.sha256 === sha256)) {
        throw problems.conflict('This is not the SHA-256 of a text that is shown now');
      }
      await consents.give(person, purpose, sha256);
      log.info('consent.given', { actor: actorText(principal), tenant: person.tenant });
      return { status: 204 };
    },
    async withdrawConsent({ principal, params: { purpose } }) {
      const person = await personOf(principal);
      await consents.withdraw(person, purpose);
      log.info('consent.withdrawn', { actor: actorText(principal), tenant: person.tenant });
      return { status: 204 };
    },
  };
}
