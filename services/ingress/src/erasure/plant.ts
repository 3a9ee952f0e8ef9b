import { Readable } from 'node:stream';
import { canaryAddress, CodedError, inlineLimit, type SomeCanaries } from '@mysmtp/contracts';
import type { Planting } from '@mysmtp/erasure';
import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';
import type { SenderDomain } from '../domains/sender-domains.ts';
import type { Intake } from '../intake/intake.ts';
import type { Quotas } from '../quotas/quotas.ts';
import type { Recipients } from '../recipients/recipients.ts';
import type { Submission } from '../intake/submission.ts';

/** A domain of no tenant, so the canary is never signed. */
const canaryDomain: SenderDomain = { id: 'canary', signing: 'customer' };

const line = 'This message was planted for an erasure and is never delivered.\r\n';

const contentOf = (lines: number): Buffer =>
  Buffer.from(`From: <${canaryAddress}>\r\n\r\n${line.repeat(lines)}`);

/** Large enough for the spool, so that the canary of a tenant is in every store of mail. */
const large = contentOf(Math.ceil(inlineLimit / line.length));
/** The spool is not searched for a person. */
const small = contentOf(1);

/** Plants a message of the tenant. It passes every step of normal mail. */
export function plantCanaries(deps: {
  readonly intake: Intake;
  readonly quotas: Pick<Quotas, 'plant'>;
  readonly recipients: Pick<Recipients, 'plant'>;
  readonly tenants: Pick<Tenants, 'fencedBy'>;
  readonly log: Logger;
}): Planting {
  const { intake, quotas, recipients, tenants, log } = deps;

  async function plant(
    { erasure, tenant }: { readonly erasure: string; readonly tenant: string },
    { reversePath, content }: { readonly reversePath: string; readonly content: Buffer },
  ): Promise<SomeCanaries> {
    const isAuthorized = (): boolean => tenants.fencedBy(tenant) === undefined;
    // A repeated command after the fence: nothing can be planted any more.
    if (!isAuthorized()) return {};
    if (!intake.isReady()) throw new CodedError('canary_not_taken', 'The intake is not ready');
    const submission: Submission = {
      kind: 'canary',
      tenant,
      reversePath,
      recipients: [canaryAddress],
      protocol: 'LOCAL',
      smtputf8: false,
      sizeLimit: content.length,
      findDomain: () => canaryDomain,
      admitsAuthor: () => true,
      isAuthorized,
    };
    const taken = await intake.take(submission, Readable.from(content));
    if (!('id' in taken)) {
      throw new CodedError('canary_not_taken', `The canary was not taken: ${taken.text}`);
    }
    log.info('erasure.canary_planted', { erasure, message: taken.id });
    return { message: taken.id };
  }

  return {
    async tenant(fence) {
      const planted = await plant(fence, { reversePath: '', content: large });
      if (planted.message === undefined) return planted;
      await quotas.plant(fence.tenant);
      await recipients.plant(fence.tenant);
      return planted;
    },
    // Found by each blind index of a message: of its recipient, and of its sender.
    person: (fence) => plant(fence, { reversePath: canaryAddress, content: small }),
  };
}
