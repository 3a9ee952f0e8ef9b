import { Readable } from 'node:stream';
import type { ingressApi } from '@mysmtp/api';
import type { SubmittedNotice } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { checkAddress } from '@mysmtp/mail';
import type { Tenants } from '@mysmtp/tenancy';
import type { SenderDomain } from '../domains/sender-domains.ts';
import type { Intake } from '../intake/intake.ts';
import type { Submission } from '../intake/submission.ts';

/** A domain of no tenant, so a notice is not signed. */
const noticeDomain: SenderDomain = { id: 'notice', signing: 'customer' };

const unavailable = () => problems.unavailable('The message cannot be taken right now');

/**
 * Accepts a notice like a message of a client: sealed under the keys of the recipient's tenant, in the broker
 * before the answer, and in the usage log of that tenant.
 */
export function submitNotice(deps: {
  readonly intake: Intake;
  readonly tenants: Pick<Tenants, 'fencedBy'>;
  readonly log: Logger;
}): Handler<typeof ingressApi.submitNotice> {
  const { intake, tenants, log } = deps;
  return async ({ body: notice }) => {
    const { id, tenant, from, to } = notice;
    if (!intake.isReady()) throw unavailable();
    // The addresses are in the header, so nothing else may be.
    const wrong = checkAddress(from) ?? checkAddress(to);
    const content = contentOf(notice);
    const submission: Submission = {
      id,
      kind: 'message',
      tenant,
      reversePath: from,
      recipients: [to],
      protocol: 'LOCAL',
      smtputf8: true,
      sizeLimit: content.length,
      findDomain: () => noticeDomain,
      admitsAuthor: () => true,
      // A suspended tenant gets notices, too.
      isAuthorized: () => tenants.fencedBy(tenant) === undefined,
    };
    const taken = wrong ?? (await intake.take(submission, Readable.from(content)));
    if ('id' in taken) return { status: 200, body: { result: 'accepted' } };
    if (taken.code < 500) throw unavailable();
    log.warn('notice.refused', { tenant, message: id, code: taken.code });
    return { status: 200, body: { result: 'refused' } };
  };
}

/** Automatic mail of which no copy must be answered (RFC 3834 5). The intake adds the other fields. */
function contentOf({ from, to, subject, text }: SubmittedNotice): Buffer {
  const encoded = Buffer.from(text.replaceAll('\n', '\r\n')).toString('base64');
  return Buffer.from(
    [
      `From: mySMTP <${from}>`,
      `To: <${to}>`,
      `Subject: ${subject}`,
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      // RFC 2045 6.8: no line is longer than 76 characters.
      ...(encoded.match(/.{1,76}/g) ?? []),
      '',
    ].join('\r\n'),
  );
}
