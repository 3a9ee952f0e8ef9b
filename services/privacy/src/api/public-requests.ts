import { requestKinds, type privacyApi } from '@mysmtp/api';
import { problems, type Handlers } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { OperatorFacts } from '../documents/operator.ts';
import { contactOf } from '../documents/parts.ts';
import type { Language } from '../documents/text.ts';
import {
  confirmedPage,
  confirmPage,
  formPage,
  sentPage,
  statusPage,
} from '../public-page/pages.ts';
import type { Challenges } from '../requests/challenges.ts';
import type { Exports } from '../exports/exports.ts';
import type { Requests } from '../requests/ledger.ts';
import type { RequestDocument } from '../requests/model.ts';
import { outcomesOf, type OutcomeDeps } from '../requests/outcomes.ts';
import { before, isCancellable } from '../requests/states.ts';
import { preferred } from './documents.ts';
import { addressesIn } from './requests.ts';

type PublicHandlers = Pick<
  Handlers<typeof privacyApi>,
  | 'showRequestForm'
  | 'requestPublicly'
  | 'showConfirmation'
  | 'confirmRequest'
  | 'showRequestStatus'
  | 'downloadCopy'
  | 'withdrawRequest'
>;

const inLanguage = (language: Language) => ({ headers: { 'content-language': language } });

/** For people without an account. Each answer is the same whether the address is known or not. */
export function publicRequestHandlers(
  deps: Omit<OutcomeDeps, 'requests'> & {
    readonly requests: Requests;
    readonly exports: Pick<Exports, 'read' | 'until'>;
    readonly challenges: Challenges;
    readonly facts: OperatorFacts;
    readonly clock: Clock;
    readonly log: Logger;
  },
): PublicHandlers {
  const { requests, exports, challenges, facts, clock, log } = deps;

  async function find(secret: string): Promise<RequestDocument> {
    const found = await challenges.find(secret);
    if (found === undefined) throw problems.notFound();
    return found;
  }

  async function answerStatus(request: RequestDocument, secret: string, language: Language) {
    const status = {
      kind: request.kind,
      state: request.state,
      receivedAt: request.receivedAt.toISOString(),
      dueAt: request.dueAt.toISOString(),
      cancellable: isCancellable(request.kind, request.state) && before.includes(request.state),
      parts: await outcomesOf(request, language, deps),
    };
    return {
      status: 200 as const,
      ...inLanguage(language),
      body: status,
      page: statusPage(language, facts, { ...status, secret }),
    };
  }

  return {
    async showRequestForm({ query, languages }) {
      const language = query.language ?? preferred(languages);
      const contact = contactOf(facts.dataProtectionOfficer ?? facts)[language];
      return {
        status: 200,
        ...inLanguage(language),
        body: { kinds: [...requestKinds], contact },
        page: formPage(language, facts),
      };
    },
    async requestPublicly({ body, languages }) {
      const language = body.language ?? preferred(languages);
      const [address = ''] = addressesIn([body.address]);
      await challenges.begin({
        kind: body.kind,
        channel: 'public',
        address,
        by: 'person',
        content: { language },
        receivedAt: new Date(clock.now()),
      });
      return {
        status: 202,
        ...inLanguage(language),
        body: { next: 'mail' },
        page: sentPage(language, facts),
      };
    },
    async showConfirmation({ query, languages }) {
      const language = query.language ?? preferred(languages);
      return {
        status: 200,
        ...inLanguage(language),
        body: { next: 'confirm' },
        page: confirmPage(language, query.code),
      };
    },
    async confirmRequest({ body, languages }) {
      const language = body.language ?? preferred(languages);
      const confirmed = await challenges.confirm(body.code);
      if (confirmed === undefined) throw problems.notFound();
      log.info('request.confirmed', { object: confirmed.id });
      return {
        status: 200,
        ...inLanguage(language),
        body: confirmed,
        page: confirmedPage(language, facts, confirmed),
      };
    },
    async showRequestStatus({ body, languages }) {
      const language = body.language ?? preferred(languages);
      return answerStatus(await find(body.secret), body.secret, language);
    },
    async downloadCopy({ body: { secret, part: _id } }) {
      const request = await find(secret);
      const part = await requests.find({ _id, parent: request._id });
      const outcomes = await outcomesOf(request, 'en', deps);
      const isOffered = outcomes.some(({ download }) => download?.part === _id);
      const copy = isOffered ? await exports.read(_id) : undefined;
      if (part === null || copy === undefined) throw problems.notFound();
      const isFirst = { 'entries.kind': { $ne: 'downloaded' } };
      await requests.change(part, isFirst, {}, { by: 'person', kind: 'downloaded' });
      log.info('request.downloaded', { object: _id });
      return {
        status: 200,
        headers: { 'content-disposition': `attachment; filename="export-${_id}.zip"` },
        body: copy.bundle,
      };
    },
    async withdrawRequest({ body, languages }) {
      const language = body.language ?? preferred(languages);
      const request = await find(body.secret);
      const entry = { by: 'person', kind: 'cancelled' };
      const cancelled = await requests.move(request, before, 'cancelled', {}, entry);
      if (cancelled === undefined) throw problems.conflict('Something is done already');
      return answerStatus(cancelled, body.secret, language);
    },
  };
}
