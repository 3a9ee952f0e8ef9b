import { quotaParts, type Measure, type QuotaSubject, type Window } from '@mysmtp/contracts';
import type { Reply } from '@mysmtp/mail';
import type { Exceeded } from './account.ts';

/**
 * The reply to mail above a limit. Its reason in metrics ends with `Limit`, so that alerts about faults of
 * ours leave it out. The text names the limit and its end. 4yz: the client tries again and
 * succeeds after the end. 5yz: this mail would exceed the limit in every window.
 */
export function refusalFor(what: Exceeded): Reply {
  const { name, limit, end, passes, throttledUntil, because } = what;
  if (throttledUntil !== undefined) {
    const { why, reason } = throttles[because ?? 'bounces'];
    const until = minuteOf(throttledUntil);
    const text =
      because === 'account'
        ? `${why}: until ${until} a new credential may send up to ${String(limit)} messages in an hour, those of all other credentials included`
        : `${why}: until ${until} it may send ${String(limit)} messages in an hour`;
    return { code: 451, enhanced: '4.7.1', text, reason };
  }
  const { subject, measure, window } = quotaParts(name);
  const rule = `limit of ${measure} in ${aWindow[window]} (${String(limit)})`;
  const reason = `${name}Limit`;
  if (!passes) {
    const text = `This message alone exceeds the ${rule} for ${whose[subject]}`;
    return { ...neverPasses[measure], text, reason };
  }
  const text = `The ${rule} is reached for ${whose[subject]}, try again after ${minuteOf(end)}`;
  return { code: 451, enhanced: '4.7.1', text, reason };
}

const throttles = {
  bounces: { why: 'Too much mail of this credential bounces', reason: 'bounceLimit' },
  account: { why: 'Too much mail of this account bounces', reason: 'bounceLimit' },
  volume: { why: 'This credential sends far more mail than usual', reason: 'volumeLimit' },
  recipients: {
    why: 'This credential sends to far more new recipients than usual',
    reason: 'newRecipientsLimit',
  },
} as const;

/** All windows end with a minute. */
const minuteOf = (at: number): string => new Date(at).toISOString().replace(/:00\.000Z$/, 'Z');

const whose: Readonly<Record<QuotaSubject, string>> = {
  tenant: 'this account',
  credential: 'this credential',
};

const aWindow: Readonly<Record<Window, string>> = {
  hour: 'an hour',
  day: 'a day',
  month: 'a month',
};

const neverPasses: Readonly<Record<Measure, Pick<Reply, 'code' | 'enhanced'>>> = {
  messages: { code: 554, enhanced: '5.7.1' },
  recipients: { code: 554, enhanced: '5.5.3' },
  octets: { code: 552, enhanced: '5.3.4' },
};
