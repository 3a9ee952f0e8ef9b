import { hour } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** How many mails strangers may have sent to one address in an hour, by one process. */
const most = 5;

/** Whether one more mail that a stranger has asked for may be sent to this address. */
export type MailLimit = (address: string) => Promise<boolean>;

export function createMailLimit(): MailLimit {
  const limiter = new RateLimiterMemory({ points: most, duration: hour / 1_000 });
  return async (address) => {
    try {
      await limiter.consume(hashToken(address.toLowerCase()));
      return true;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return false;
    }
  };
}
