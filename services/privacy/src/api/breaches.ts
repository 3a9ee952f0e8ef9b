import type { privacyApi } from '@mysmtp/api';
import { actorText, type Registry } from '@mysmtp/contracts';
import { problems, type Handlers } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { countConcerned } from '../breaches/count.ts';
import { draftOf } from '../breaches/draft.ts';
import type { BreachDocument, Breaches } from '../breaches/register.ts';
import type { OperatorFacts } from '../documents/operator.ts';
import { text } from '../documents/text.ts';
import type { Verifier } from '../verifier/verifier.ts';
import { contentOf, preferred } from './documents.ts';

type BreachHandlers = Pick<
  Handlers<typeof privacyApi>,
  'recordBreach' | 'listBreaches' | 'showBreach' | 'decideBreach' | 'draftBreachNotice'
>;

export function breachHandlers(deps: {
  readonly breaches: Breaches;
  readonly verifier: Verifier;
  readonly facts: OperatorFacts;
  readonly registry: Registry;
  /** Runs after every change. */
  readonly changed: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}): BreachHandlers {
  const { breaches, verifier, facts, registry, changed, clock, log } = deps;
  const stores = [...registry.collections, ...registry.queues].map(({ id }) => id);

  async function find(id: string): Promise<BreachDocument> {
    const breach = await breaches.find(id);
    if (breach === null) throw problems.notFound();
    return breach;
  }

  return {
    async recordBreach({ principal, body: { awareAt, ...particulars } }) {
      const aware = new Date(awareAt);
      if (aware.getTime() > clock.now()) refuse('awareAt', 'is in the future');
      if (!particulars.stores.every((store) => stores.includes(store))) {
        refuse('stores', 'names a store that is not in the registry');
      }
      const actor = actorText(principal);
      const id = await breaches.record(actor, aware, particulars);
      log.warn('breach.recorded', { actor, object: id });
      await changed();
      return { status: 201, headers: { location: `/v1/breaches/${id}` }, body: { id } };
    },
    async listBreaches() {
      const all = await breaches.list();
      return { status: 200, body: { breaches: all.map(summaryOf) } };
    },
    async showBreach({ params: { id } }) {
      const breach = await find(id);
      const { particulars, reasons } = await breaches.contentsOf(breach);
      const entries = breach.entries.map(({ at, by, kind }, place) => ({
        at: at.toISOString(),
        by,
        kind,
        reason: reasons[place - 1] ?? null,
      }));
      return { status: 200, body: { ...summaryOf(breach), ...particulars, entries } };
    },
    async decideBreach({ principal, params: { id }, body: { decision, reason } }) {
      await find(id);
      const actor = actorText(principal);
      if (!(await breaches.decide(id, actor, decision, reason))) {
        throw problems.conflict(
          'It is closed, this clock has stopped, or it cannot be closed while a clock runs',
        );
      }
      log.warn('breach.decided', { actor, object: id, status: decision });
      await changed();
      return { status: 204 };
    },
    async draftBreachNotice({ params: { id }, query, languages }) {
      const breach = await find(id);
      const { particulars } = await breaches.contentsOf(breach);
      const counts = await countConcerned(particulars, verifier);
      const sections = draftOf(breach, particulars, { counts, facts, now: clock.now() });
      const language = query.language ?? preferred(languages);
      const title = text(
        'Draft: notification of a personal data breach (Art. 33 GDPR)',
        'Entwurf: Meldung einer Verletzung des Schutzes personenbezogener Daten (Art. 33 DSGVO)',
      )[language];
      const { shown, main } = contentOf(sections, language);
      return {
        status: 200,
        headers: { 'content-language': language },
        body: { language, title, sections: shown },
        page: { language, title, main },
      };
    },
  };
}

function refuse(path: string, message: string): never {
  throw problems.invalid([{ path, message }]);
}

const summaryOf = (breach: BreachDocument) => ({
  id: breach._id,
  awareAt: breach.awareAt.toISOString(),
  authorityDueAt: breach.authorityDueAt.toISOString(),
  customersDueAt: breach.customersDueAt.toISOString(),
  authoritySettledAt: breach.authoritySettledAt?.toISOString() ?? null,
  customersSettledAt: breach.customersSettledAt?.toISOString() ?? null,
  closedAt: breach.closedAt?.toISOString() ?? null,
});
