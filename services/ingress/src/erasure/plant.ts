import { Readable } from 'node:stream';
import {
  canaryAddress,
  CodedError,
  inlineLimit,
  type Canaries,
  type FenceOf,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';
import type { SenderDomain } from '../domains/sender-domains.ts';
import type { Intake } from '../intake/intake.ts';
import type { Submission } from '../intake/submission.ts';

/** Of no tenant, and so never signed. */
const canaryDomain: SenderDomain = { id: 'canary', signing: 'customer' };

const line = 'This message was planted for an erasure and is delivered to nobody.\r\n';

/** Large enough for the spool, so that it is in every store that mail is in. */
const content = Buffer.from(
  `From: <${canaryAddress}>\r\n\r\n${line.repeat(Math.ceil(inlineLimit / line.length))}`,
);

/** Plants a message of the tenant, which takes every step that mail takes. */
export function plantCanary(means: {
  readonly intake: Intake;
  readonly tenants: Pick<Tenants, 'fencedBy'>;
  readonly log: Logger;
}): (fence: FenceOf<'tenant'>) => Promise<Partial<Canaries>> {
  const { intake, tenants, log } = means;
  return async ({ erasure, tenant }) => {
    const isWanted = (): boolean => tenants.fencedBy(tenant) === undefined;
    // A command that comes a second time, too late to plant anything.
    if (!isWanted()) return {};
    if (!intake.isReady()) throw new CodedError('canary_not_taken', 'Nothing can be taken now');
    const submission: Submission = {
      kind: 'canary',
      tenant,
      reversePath: '',
      recipients: [canaryAddress],
      protocol: 'LOCAL',
      smtputf8: false,
      sizeLimit: content.length,
      findDomain: () => canaryDomain,
      isWanted,
    };
    const taken = await intake.take(submission, Readable.from(content));
    if (!('id' in taken)) {
      throw new CodedError('canary_not_taken', `The canary was not taken: ${taken.text}`);
    }
    log.info('erasure.canary_planted', { erasure, message: taken.id });
    return { message: taken.id };
  };
}
