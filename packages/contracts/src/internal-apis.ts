import { z } from 'zod';
import { PrincipalAnswer, PrincipalRequest, UseReport } from './access.ts';
import { AuditHeadKept, KeepAuditHead } from './audit-head.ts';
import { callersOf } from './callers.ts';
import { Fence, FencesResponse, Standing } from './erasure.ts';
import { FindingNotice } from './findings.ts';
import { growingWord } from './message.ts';
import {
  AccountCorrection,
  accountCorrections,
  PersonRequestNotice,
  WaitingRequestNotice,
} from './person-requests.ts';
import { Announcement, NoticeResult, QuotaReport, SubmittedNotice } from './notices.ts';
import { DkimKeyAnswer, DkimKeyReport, SnapshotRequest, SnapshotResponse } from './identity.ts';
import { AskedOrder } from './orders.ts';
import { KeyDays } from './key-days.ts';
import { ActivateTenantRequest, Day, SignedBody } from './keys.ts';
import type { ServiceName } from './services.ts';

/**
 * A call from one service to another. It is always a POST with a JSON body, so that no URL contains data.
 */
export interface InternalApi<
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  readonly service: ServiceName;
  readonly path: string;
  readonly callers: readonly ServiceName[];
  readonly request: Request;
  readonly response: Response;
}

const api = <Request extends z.ZodType, Response extends z.ZodType>(
  definition: InternalApi<Request, Response>,
): InternalApi<Request, Response> => definition;

export const internalApis = {
  /** The keys of one tenant, sealed to the caller (packages/keys). */
  resolveKeys: api({
    service: 'privacy',
    path: '/internal/v1/keys',
    callers: callersOf('resolveKeys'),
    request: SignedBody,
    response: SignedBody,
  }),
  /** Makes the key of a new tenant. Idempotent; an erased tenant stays erased. */
  activateTenant: api({
    service: 'privacy',
    path: '/internal/v1/tenants',
    callers: callersOf('activateTenant'),
    request: ActivateTenantRequest,
    response: z.strictObject({ state: z.enum(['active', 'fenced', 'erased']) }),
  }),
  /**
   * The current fences. A process calls it before it may write, at its start and after every
   * disconnection.
   */
  fences: api({
    service: 'privacy',
    path: '/internal/v1/fences',
    callers: callersOf('fences'),
    request: z.strictObject({}),
    response: FencesResponse,
  }),
  /** Whether a request for erasure is in the ledger. Called before a service does anything for it. */
  standing: api({
    service: 'privacy',
    path: '/internal/v1/erasures/standing',
    callers: callersOf('standing'),
    request: Fence,
    response: Standing,
  }),
  /** Whether an order is in the ledger and not answered. Called before a service executes it. */
  orderStanding: api({
    service: 'privacy',
    path: '/internal/v1/orders/standing',
    callers: callersOf('orderStanding'),
    request: AskedOrder,
    response: z.strictObject({ known: z.boolean(), wanted: z.boolean() }),
  }),
  /** How long keys are kept. A service that keeps data under them calls it periodically. */
  keyDays: api({
    service: 'privacy',
    path: '/internal/v1/key-days',
    callers: callersOf('keyDays'),
    request: z.strictObject({}),
    response: KeyDays,
  }),
  /** The newest head of the audit chain, kept outside of logging's database. */
  keepAuditHead: api({
    service: 'privacy',
    path: '/internal/v1/audit/heads',
    callers: callersOf('keepAuditHead'),
    request: KeepAuditHead,
    response: AuditHeadKept,
  }),
  /** Documents that take effect later. Identity reads them each minute, and sends mail to the customers. */
  announcement: api({
    service: 'privacy',
    path: '/internal/v1/announcement',
    callers: callersOf('announcement'),
    request: z.strictObject({}),
    response: z.strictObject({ announcement: Announcement.nullable() }),
  }),
  /** The current state of identity's entities, page by page. */
  snapshot: api({
    service: 'identity',
    path: '/internal/v1/snapshot',
    callers: callersOf('snapshot'),
    request: SnapshotRequest,
    response: SnapshotResponse,
  }),
  /** Tells identity the keys of a domain, which identity shows and looks up in DNS. Idempotent. */
  reportDkimKey: api({
    service: 'identity',
    path: '/internal/v1/dkim-keys',
    callers: callersOf('reportDkimKey'),
    request: DkimKeyReport,
    response: DkimKeyAnswer,
  }),
  /** Accepts a notice to a person who has an account, like a message of a client. */
  submitNotice: api({
    service: 'ingress',
    path: '/internal/v1/notices',
    callers: callersOf('submitNotice'),
    request: SubmittedNotice,
    response: NoticeResult,
  }),
  /**
   * The principal of a token that only identity can resolve: sessions, and API keys that are limited to
   * networks. Called for each request, so that a log-out takes effect everywhere at once.
   */
  principalOf: api({
    service: 'identity',
    path: '/internal/v1/principal',
    callers: callersOf('principalOf'),
    request: PrincipalRequest,
    response: PrincipalAnswer,
  }),
  /** Tells the owners of a tenant what detection has found. */
  noticeFinding: api({
    service: 'identity',
    path: '/internal/v1/findings',
    callers: callersOf('noticeFinding'),
    request: FindingNotice,
    response: z.strictObject({}),
  }),
  /** Tells the owners of a tenant that a person has requested a right, and until when it waits for them. */
  noticeRequest: api({
    service: 'identity',
    path: '/internal/v1/person-requests',
    callers: callersOf('noticeRequest'),
    request: PersonRequestNotice,
    response: z.strictObject({}),
  }),
  /** Tells the person of an account that a request made in a session of it waits. */
  noticeWaitingRequest: api({
    service: 'identity',
    path: '/internal/v1/accounts/waiting-request',
    callers: callersOf('noticeWaitingRequest'),
    request: WaitingRequestNotice,
    response: z.strictObject({}),
  }),
  /** The address of an account, `null` if there is none, and when the account was last changed. */
  findAccount: api({
    service: 'identity',
    path: '/internal/v1/accounts/find',
    callers: callersOf('findAccount'),
    request: z.strictObject({ realm: z.string(), person: z.string() }),
    response: z.strictObject({
      address: z.string().nullable(),
      /**
       * When the password, the address, a second factor or the subject at the sign-in provider last changed.
       * Milliseconds since the epoch; absent: never, or the release before answers.
       */
      changedAt: z.int().nonnegative().optional(),
      /** When the last change of the address was undone. */
      undoneAt: z.int().nonnegative().optional(),
    }),
  }),
  /** Corrects the account with an address (GDPR Art. 16). Idempotent: repeated until the person has confirmed. */
  correctAccount: api({
    service: 'identity',
    path: '/internal/v1/accounts/correct',
    callers: callersOf('correctAccount'),
    request: AccountCorrection,
    response: z.strictObject({ result: growingWord(accountCorrections, 'expired') }),
  }),
  /** Deletes the account of a person who has requested it. Idempotent. */
  closeAccount: api({
    service: 'identity',
    path: '/internal/v1/accounts/close',
    callers: callersOf('closeAccount'),
    request: z.strictObject({ realm: z.string(), person: z.string() }),
    response: z.strictObject({ result: growingWord(['closed', 'owner'], 'owner') }),
  }),
  /** Called about once a minute, if there was a use. */
  reportUse: api({
    service: 'identity',
    path: '/internal/v1/uses',
    callers: callersOf('reportUse'),
    request: UseReport,
    response: z.strictObject({}),
  }),
  /** Identity sends a mail about a limit to the owners of a tenant, once for each window and percentage. */
  reportQuota: api({
    service: 'identity',
    path: '/internal/v1/quota-reports',
    callers: callersOf('reportQuota'),
    request: QuotaReport,
    response: z.strictObject({}),
  }),
  /**
   * How many undelivered messages are sealed under the `mail` key of this day, in the deferred queue or
   * still in the broker's queue. While there is one, the root of the day stays. If delivery cannot
   * determine the number, the call fails; it never answers 0 then.
   */
  undeliveredMail: api({
    service: 'delivery',
    path: '/internal/v1/undelivered',
    callers: callersOf('undeliveredMail'),
    request: z.strictObject({ day: Day }),
    response: z.strictObject({ count: z.number().int().nonnegative() }),
  }),
} as const;

/**
 * `POST` here with a `SpoolReadRequest` answers with one sealed chunk, `application/octet-stream`. So the
 * reader sets the pace, and neither side holds more than a chunk.
 */
export const spoolReadPath = '/internal/v1/spool/read';
export const SpoolReadRequest = z.strictObject({
  id: z.string(),
  chunk: z.number().int().nonnegative(),
});
