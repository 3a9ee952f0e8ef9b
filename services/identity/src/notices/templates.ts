import { z } from 'zod';

/** The texts of all notices. Each has the values that its schema lists, and no others. */

/** A value of a notice. A line break or another control character would change the text, so it is refused. */
const Line = z
  .string()
  .min(1)
  .max(1_000)
  .refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), 'must be one line of text');
/** Milliseconds since the epoch. */
const Time = z.number().int().nonnegative();

const template = <Shape extends z.ZodRawShape>(
  shape: Shape,
  subject: string,
  text: (values: z.output<z.ZodObject<Shape>>) => readonly string[],
) => ({ values: z.strictObject(shape), subject, text });

const notYou = 'If this was not you, sign in, end all sessions and change your password.';

export const templates = {
  'new-device': template(
    { at: Time, device: Line },
    'A new device signed in to your account',
    ({ at, device }) => [
      `On ${utc(at)}, a new device signed in, or a known one from another network: ${device}.`,
      notYou,
    ],
  ),
  'factor-changed': template(
    { at: Time, change: Line },
    'The second factor of your account was changed',
    ({ at, change }) => [`On ${utc(at)}: ${change}.`, notYou],
  ),
  'factor-lost': template(
    { request: Line, link: Line, until: Time },
    'Your second factor was reported as lost',
    ({ request, link, until }) => [
      `Somebody who knows your password says that you have lost your second factor. A person of your organisation, or an operator, can approve until ${utc(until)} that it is replaced. The number of the request is ${request}.`,
      'If this was not you, cancel it, and change your password:',
      link,
    ],
  ),
  'factor-replaceable': template(
    { at: Time },
    'Your second factor can be replaced soon',
    ({ at }) => [
      `It was approved that your second factor is replaced. From ${utc(at)} on, sign in with your password to enrol a new one.`,
      'If you did not ask for this, cancel it by the link in the notice before, and change your password.',
    ],
  ),
  'password-changed': template(
    { at: Time },
    'The password of your account was changed',
    ({ at }) => [
      `On ${utc(at)}, the password of your account was changed. All other sessions have ended.`,
      'If this was not you, reset your password.',
    ],
  ),
  'email-changed': template(
    { at: Time, link: Line, until: Time },
    'The email address of your account was changed',
    ({ at, link, until }) => [
      `On ${utc(at)}, your account got another email address. This address is no longer valid for it.`,
      `If this was not you, undo the change until ${utc(until)}:`,
      link,
    ],
  ),
  'email-verification': template(
    { link: Line, until: Time },
    'Please confirm your email address',
    ({ link, until }) => [
      `Please confirm until ${utc(until)} that this is your email address:`,
      link,
      'If you did not request this, you need not do anything.',
    ],
  ),
  'password-reset': template(
    { link: Line, until: Time },
    'Reset your password',
    ({ link, until }) => [
      `Set a new password until ${utc(until)}:`,
      link,
      'You need your second factor, too. If you did not request this, you need not do anything.',
    ],
  ),
  invitation: template(
    { inviter: Line, role: Line, link: Line, until: Time },
    'You are invited to an account',
    ({ inviter, role, link, until }) => [
      `You are invited to the account of ${inviter}, with the role ${role}. Accept until ${utc(until)}:`,
      link,
      'If you do not know this customer, you need not do anything.',
    ],
  ),
  'break-glass': template(
    { at: Time, operator: Line, reason: Line, ticket: Line, until: Time },
    'An operator has opened access to your data',
    ({ at, operator, reason, ticket, until }) => [
      `On ${utc(at)}, the operator ${operator} opened access to the data of your account, until ${utc(until)}.`,
      `Reason: ${reason}`,
      `Ticket: ${ticket}`,
      'Your access log shows everything that is read.',
    ],
  ),
  'quota-80': template(
    { quota: Line, until: Time },
    '80 % of a quota are used',
    ({ quota, until }) => [
      `80 % of this quota are used: ${quota}. Its period ends on ${utc(until)}.`,
      'Mail above the quota is refused.',
    ],
  ),
  'quota-100': template({ quota: Line, until: Time }, 'A quota is used up', ({ quota, until }) => [
    `This quota is used up: ${quota}.`,
    `Mail above the quota is refused until its period ends on ${utc(until)}.`,
  ]),
  'mail-bounces': template(
    { credential: Line, until: Time },
    'Too much mail of one of your credentials bounces',
    ({ credential, until }) => [
      `Too many recipients of mail of the credential ${credential} do not exist, or refuse it.`,
      `Until ${utc(until)} this credential may send only few messages in an hour. This ends by itself.`,
      'Your usage log shows the replies of the recipients. Remove the addresses that do not exist. If the mail is not yours, revoke the credential.',
    ],
  ),
  'documents-announced': template(
    { at: Time, page: Line },
    'Our privacy notice and our list of sub-processors change',
    ({ at, page }) => [
      `From ${utc(at)} on, new versions of our privacy documents apply. They say which data we process, and which companies work for us:`,
      page,
      'If you do not agree, you may object until then. The notice says how to reach us.',
    ],
  ),
  'domain-broken': template(
    { domain: Line, record: Line },
    'A DNS record of your domain is missing or wrong',
    ({ domain, record }) => [
      `The ${record} record of ${domain} is missing or wrong.`,
      'Until it is corrected, receivers may refuse your mail. The list of your domains shows the expected record.',
    ],
  ),
  'person-request': template(
    { kind: Line, request: Line, acts: Time.nullable(), due: Time },
    'A person has requested a right from you',
    ({ kind, request, acts, due }) => [
      `A person whose data we process for you has requested: ${kind} (GDPR). The number of the request is ${request}. It must be answered until ${utc(due)}.`,
      acts === null
        ? 'We execute it now.'
        : `It waits for you. You may execute or refuse it, with a reason. Otherwise we execute it on ${utc(acts)}.`,
      'The list of requests shows whom it concerns.',
      ...(kind === 'access' || kind === 'portability'
        ? [
            'When it is executed, you can download the copy for 7 days. Send it to the person. If your settings say who you are, the person can download it from us, too.',
          ]
        : []),
    ],
  ),
  'request-waits': template(
    { at: Time, kind: Line, acts: Time },
    'A request in your account waits',
    ({ at, kind, acts }) => [
      `On ${utc(at)}, somebody who is signed in to your account has requested: ${kind} (GDPR).`,
      `How this account signs in was changed within the 72 hours before. So nothing is gathered or erased before ${utc(acts)}. Then the request is executed by itself.`,
      'If this was not you, cancel it: reset your password, which ends all sessions, sign in, and withdraw the request in the list of your requests.',
    ],
  ),
  'request-waits-former': template(
    { at: Time, kind: Line, acts: Time, until: Time },
    'A request waits in an account that had your email address',
    ({ at, kind, acts, until }) => [
      `On ${utc(at)}, somebody who is signed in to an account has requested: ${kind} (GDPR). This was the email address of the account before it was changed.`,
      `Nothing is gathered or erased before ${utc(acts)}. Then the request is executed by itself.`,
      `If this was not you, undo the change until ${utc(until)}, by the link in the notice "The email address of your account was changed". This ends all sessions and cancels the request.`,
    ],
  ),
  finding: template(
    { at: Time, finding: Line },
    'Something unusual in your account',
    ({ at, finding }) => [
      `On ${utc(at)}: ${finding}`,
      'The list of findings and the security log of your account show more.',
    ],
  ),
  'credential-throttled': template(
    { at: Time, username: Line },
    'Many failed authentications with one of your credentials',
    ({ at, username }) => [
      `Since ${utc(at)}, many authentications with the user name ${username} have failed.`,
      'Further attempts are delayed, or refused for some minutes. Networks from which the credential was used before are not affected.',
      'If one of your clients has an old password, correct it. Otherwise somebody may be guessing: you need not do anything, because the password cannot be guessed.',
    ],
  ),
} as const;

export type NoticeKind = keyof typeof templates;
export type NoticeValues<Kind extends NoticeKind> = z.input<(typeof templates)[Kind]['values']>;

/** Subject and text of a notice. Throws a `ZodError` for a wrong value. */
export function writeNotice<Kind extends NoticeKind>(
  kind: Kind,
  values: NoticeValues<Kind>,
): { readonly subject: string; readonly text: string } {
  const { values: schema, subject, text } = templates[kind];
  const paragraphs = (text as (values: unknown) => readonly string[])(schema.parse(values));
  return { subject, text: `${[...paragraphs, signature].join('\n\n')}\n` };
}

const signature = 'This message was sent automatically. Replies are not read.';

/** `2026-11-30 08:26 UTC` */
const utc = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
