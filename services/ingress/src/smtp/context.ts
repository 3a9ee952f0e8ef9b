import type { AuthThrottle } from '@mysmtp/auth-throttle';
import type { TenantUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { replies, type Reply } from '@mysmtp/mail';
import type { Tenants, UseReports } from '@mysmtp/tenancy';
import type { IngressConfig } from '../config.ts';
import type { Networks } from '../credentials/networks.ts';
import type { Passwords } from '../credentials/passwords.ts';
import type { CredentialLimits } from '../credentials/limits.ts';
import type { Authorization, StoppedReply } from '../credentials/sender.ts';
import type { SenderDomains } from '../domains/sender-domains.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Quotas } from '../quotas/quotas.ts';
import type { AuthReports } from './auth-reports.ts';
import type { Intake } from '../intake/intake.ts';

/** Dependencies of the commands of a session. */
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
  /** Recipient of mail for `<postmaster>`. */
  readonly postmaster: string;
  readonly passwords: Passwords;
  readonly networks: Networks;
  readonly domains: SenderDomains;
  readonly authorization: Authorization;
  readonly stoppedReply: StoppedReply;
  readonly credentialLimits: CredentialLimits;
  readonly uses: UseReports;
  readonly authThrottle: AuthThrottle;
  readonly authReports: AuthReports;
  readonly tenants: Pick<Tenants, 'run' | 'personFences'>;
  readonly quotas: Pick<Quotas, 'refusal' | 'take' | 'giveBack' | 'connected' | 'disconnected'>;
  readonly intake: Intake;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  /** True after SIGTERM: no new transaction begins. */
  isStopping(): boolean;
}

/** The reply to a client if its tenant is unavailable. */
export const refusalOf = ({ passes }: TenantUnavailable): Reply =>
  passes ? replies.unavailable : replies.credentialRevoked;

/** A reply in the form that the library expects. */
export function asError({ code, enhanced, text }: Reply): Error & { responseCode: number } {
  return Object.assign(new Error(`${enhanced} ${text}`), { responseCode: code });
}

/** Wraps work that is not awaited. An error is logged and must not end the process. */
export function unfailing(work: Promise<void>, log: Logger): Promise<void> {
  return work.catch((error: unknown) => log.error('session.failed', { error }));
}
