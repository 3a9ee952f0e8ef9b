import type { TenantUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { replies, type Reply } from '@mysmtp/mail';
import type { Tenants } from '@mysmtp/tenancy';
import type { IngressConfig } from '../config.ts';
import type { Networks } from '../credentials/networks.ts';
import type { Passwords } from '../credentials/passwords.ts';
import type { IsInForce } from '../credentials/sender.ts';
import type { SenderDomains } from '../domains/sender-domains.ts';
import type { Events } from '../events.ts';
import type { Intake } from '../intake/intake.ts';

/** What the commands of a session need. */
export interface SmtpContext {
  readonly limits: Pick<
    IngressConfig,
    | 'sizeLimit'
    | 'recipientLimit'
    | 'authFailureLimit'
    | 'connectionLimit'
    | 'connectionsPerAddress'
    | 'messagesPerConnection'
    | 'authTimeout'
    | 'commandTimeout'
    | 'dataTimeout'
  >;
  /** Who gets mail for `<postmaster>`. */
  readonly postmaster: string;
  readonly passwords: Passwords;
  readonly networks: Networks;
  readonly domains: SenderDomains;
  readonly isInForce: IsInForce;
  readonly tenants: Pick<Tenants, 'run'>;
  readonly intake: Intake;
  readonly events: Events;
  readonly log: Logger;
  /** From SIGTERM on: no new transaction begins. */
  isStopping(): boolean;
}

/** What a client reads if nothing can be done for its tenant. */
export const refusalOf = ({ passes }: TenantUnavailable): Reply =>
  passes ? replies.unavailable : replies.credentialRevoked;

/** A reply as the library takes it. */
export function asError({ code, enhanced, text }: Reply): Error & { responseCode: number } {
  return Object.assign(new Error(`${enhanced} ${text}`), { responseCode: code });
}

/** Work that nobody waits for. A fault in it is ours to hear of and must not end the process. */
export function unfailing(work: Promise<void>, log: Logger): Promise<void> {
  return work.catch((error: unknown) => log.error('session.failed', { error }));
}
