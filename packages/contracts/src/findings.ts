import { z } from 'zod';
import { growingWord } from './message.ts';

/** What detection finds, in the words of a notice. */
export const findingTexts = {
  'credential-stuffing':
    'Somebody tried passwords of many accounts from one network. None of your secrets need be changed unless one was used elsewhere.',
  'guessed-secret':
    'After many wrong passwords of one account or credential, the right one was presented. Change it, unless it was you.',
  'credential-in-many-networks':
    'One SMTP credential was used in several unrelated networks at the same time. If they are not all yours, replace it.',
  'new-device': 'Somebody signed in from a new device or network.',
  'sending-volume':
    'One SMTP credential sends far more mail than in its busiest hour of the last seven days. It is throttled until the UTC day ends.',
  'new-recipients':
    'One SMTP credential sends to far more new recipients than on any day of the last week. It is throttled until the UTC day ends.',
  'sending-bounces':
    'Too much mail of one SMTP credential bounces. It is throttled until the UTC day ends.',
  'factor-removed': 'A second factor was removed, or reported as lost.',
  'role-raised': 'A person got a role with more permissions.',
  'bulk-export': 'Data was exported.',
  'operator-without-ticket': 'An operator asked for your data without an open access to it.',
  'chain-broken': 'The audit chain was changed or cut.',
  'many-data-requests': 'Many requests for data came from one network.',
  'data-request-after-change':
    'Data was requested soon after the password or the email address of the account was changed.',
  other: 'Something unusual happened.',
} as const;

export type FindingRule = keyof typeof findingTexts;
export const findingRules = Object.keys(findingTexts) as [FindingRule, ...FindingRule[]];

/** `high`: probably an attack has succeeded, or is about to. `low`: the person concerned knows best. */
export const severities = ['low', 'medium', 'high'] as const;
export type Severity = (typeof severities)[number];

/** `POST /internal/v1/findings` of identity: tells the owners of a tenant what was found. */
export const FindingNotice = z.strictObject({
  /** The owners are told of it once. The release before does not send it. */
  id: z.string().max(100).exactOptional(),
  tenant: z.string(),
  rule: growingWord(findingRules, 'other'),
  /** When it happened. Milliseconds. */
  at: z.number().int(),
});
export type FindingNotice = z.infer<typeof FindingNotice>;
