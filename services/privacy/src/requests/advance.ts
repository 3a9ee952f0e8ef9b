import { day, internalApis, operatorRealm, TenantUnavailable } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { OperatorFacts } from '../documents/operator.ts';
import type { Holds } from '../holds/register.ts';
import type { Holders } from '../orders/holders.ts';
import type { Mails } from '../mails/outbox.ts';
import { copyMail, extensionMail, resultMail } from '../mails/texts.ts';
import type { Exports } from '../exports/exports.ts';
import { noticeToPerson } from '../rights/restriction.ts';
import type { PersonRequest } from '../rights/right.ts';
import type { Rights } from '../rights/rights.ts';
import type { Sealing } from '../tenants/sealing.ts';
import type { Requests } from './ledger.ts';
import { tellLifting } from './lifting.ts';
import { Content, realmOf, type RequestDocument } from './model.ts';
import { outcomesOf } from './outcomes.ts';
import type { Policies } from './policy.ts';
import { subProcessorsToTell } from '../recipients/notified.ts';
import { aboutOf, touchedBy } from './recipients.ts';
import { isDone, running, stateOfParts } from './states.ts';

export interface AdvanceDeps {
  readonly requests: Requests;
  readonly rights: Rights;
  readonly holds: Pick<Holds, 'of' | 'existedSince'>;
  readonly policies: Pick<Policies, 'of'>;
  readonly exports: Pick<Exports, 'until'>;
  readonly mails: Pick<Mails, 'keep' | 'has'>;
  readonly sealing: Pick<Sealing, 'sealer'>;
  readonly identity: ServiceClient;
  readonly holders: Holders;
  readonly activeTenants: () => Promise<readonly string[]>;
  readonly facts: Pick<
    OperatorFacts,
    'supervisoryAuthority' | 'subProcessors' | 'email' | 'privacyUrl'
  >;
  readonly clock: Clock;
  readonly log: Logger;
}

const by = 'job:advance-requests';

/** One turn of a request. Every step is idempotent and is repeated until it succeeds. */
export async function advance(request: RequestDocument, deps: AdvanceDeps): Promise<void> {
  switch (request.state) {
    case 'received':
      return request.tenant === null ? fanOut(request, deps) : begin(request, deps);
    case 'waiting_for_tenant':
      return waitForTenant(request, deps);
    case 'in_progress':
    case 'partial':
    case 'failed':
      return request.tenant === null ? gather(request, deps) : execute(request, deps);
    case 'held':
      return request.tenant === null ? gather(request, deps) : repeat(request, deps);
    case 'awaiting_challenge':
    case 'completed_live':
    case 'completed':
    case 'refused':
    case 'cancelled':
      return finish(request, deps);
  }
}

/** A request of a person without an account reaches each tenant that has the address. */
async function fanOut(request: RequestDocument, deps: AdvanceDeps): Promise<void> {
  const { requests } = deps;
  const content = await requests.contentOf(request);
  const asked = {
    id: request._id,
    address: content.address,
    commitment: request.commitment ?? '',
  };
  const { holders, waitingFor } = await deps.holders(asked, await deps.activeTenants());
  if (waitingFor.length > 0) {
    await requests.change(request, { state: 'received' }, { waitingFor: ['the count of records'] });
    return;
  }
  for (const tenant of holders) {
    try {
      await requests.addPart(request, { ...content, account: null, callbacks: [] }, tenant);
    } catch (error) {
      // It is being erased, with everything that it has.
      if (!(error instanceof TenantUnavailable) || error.passes) throw error;
    }
  }
  await requests.move(request, ['received'], 'in_progress');
}

/**
 * Whether a request that was made shortly after a change of the account may begin. It is cancelled if the change of
 * the address was undone meanwhile, because the holder of the account did not make it then.
 */
async function hasWaited(request: RequestDocument, deps: AdvanceDeps): Promise<boolean> {
  const { requests, identity, clock } = deps;
  const { actsAt, receivedAt } = request;
  if (actsAt === null) return true;
  if (actsAt.getTime() > clock.now()) return false;
  const { changedAccount: person } = await requests.contentOf(request);
  if (person === null) return true;
  const whom = { realm: realmOf(request), person };
  const { undoneAt = 0 } = await identity.call(internalApis.findAccount, whom);
  if (undoneAt < receivedAt.getTime()) return true;
  const entry = { by, kind: 'cancelled', reason: 'The change of the email address was undone' };
  await requests.move(request, ['received'], 'cancelled', { waitingFor: [] }, entry);
  return false;
}

/**
 * The request of a tenant, or of a person with an account, starts at once, unless it waits after a change of the
 * account. Others follow the policy. The tenant gets a notice of what it has not requested itself (GDPR Art. 19).
 */
async function begin(request: RequestDocument, deps: AdvanceDeps): Promise<void> {
  const { requests, policies, clock } = deps;
  if (!(await hasWaited(request, deps))) return;
  const isByPerson = request.channel !== 'api' && request.channel !== 'account';
  // A repetition was decided already.
  const isRepetition = request.parent !== null && (await isOfTenant(request.parent, deps));
  if (request.tenant === null || isRepetition) return start(request, deps);
  if (!isByPerson) {
    // What the person gets of the own data is no matter of the tenant.
    const isTold = request.channel === 'account' && aboutOf(request.kind, false) !== undefined;
    const told = isTold ? await tellTenant(request, null, deps) : undefined;
    const set = { waitingFor: [], ...told?.set };
    await requests.move(request, ['received'], 'in_progress', set, told?.entry);
    return;
  }
  const { mode, days } = await policies.of(request.tenant);
  // The law gives a month from the day on which the person has asked.
  const latest = request.dueAt.getTime() - 7 * day;
  const actsAt =
    mode === 'wait'
      ? new Date(Math.min(clock.now() + days * day, Math.max(clock.now(), latest)))
      : null;
  const { set, entry } = await tellTenant(request, actsAt, deps);
  const next = actsAt === null ? 'in_progress' : 'waiting_for_tenant';
  await requests.move(request, ['received'], next, { actsAt, ...set }, entry);
}

/** Identity writes to the owners. The operators' realm has none. */
async function tellTenant(
  request: RequestDocument,
  actsAt: Date | null,
  { requests, identity, clock }: AdvanceDeps,
) {
  const { _id, kind, tenant, dueAt } = request;
  if (tenant === null || tenant === operatorRealm) return {};
  await identity.call(internalApis.noticeRequest, {
    tenant,
    request: _id,
    kind,
    actsAt: actsAt?.getTime() ?? null,
    dueAt: dueAt.getTime(),
  });
  const entry = { by, kind: 'tenant_told' };
  const about = aboutOf(kind, isLifting(await requests.contentOf(request)));
  if (about === undefined) return { entry };
  const told = { recipient: 'customer', about, at: new Date(clock.now()) };
  return { entry, set: { notified: [{ ...told, message: null, reason: null }] } };
}

const isLifting = ({ details }: Content): boolean => details.lift === true;

const isOfTenant = async (id: string, { requests }: AdvanceDeps): Promise<boolean> =>
  (await requests.find({ _id: id, tenant: { $ne: null } })) !== null;

const start = async (request: RequestDocument, { requests }: AdvanceDeps): Promise<void> =>
  void (await requests.move(request, ['received', 'waiting_for_tenant'], 'in_progress'));

async function waitForTenant(request: RequestDocument, deps: AdvanceDeps): Promise<void> {
  if ((request.actsAt?.getTime() ?? 0) <= deps.clock.now()) await start(request, deps);
}

/** What the right gets of its request. */
async function asPersonRequest(
  request: RequestDocument,
  content: Content,
  { sealing }: AdvanceDeps,
): Promise<PersonRequest> {
  const tenant = realmOf(request);
  const { index } = await sealing.sealer(tenant);
  const person = request.channel === 'one-click' ? request.person : index(content.address);
  return {
    id: request._id,
    kind: request.kind,
    tenant,
    person: person ?? '',
    commitment: request.commitment ?? '',
    receivedAt: request.receivedAt,
    address: async () => content.address,
    details: async () => content.details,
    byOwner: request.channel === 'api',
    account: content.account,
    isPersonTold: request.personToldAt !== null,
  };
}

/** Its link has the blind index and no address. */
const contentOfClick = Content.parse({ address: '' });

async function execute(request: RequestDocument, deps: AdvanceDeps): Promise<void> {
  const { requests, rights, holds, identity, facts, clock } = deps;
  const isClick = request.channel === 'one-click';
  const content = isClick ? contentOfClick : await requests.contentOf(request);
  const realm = realmOf(request);
  if (request.kind === 'erasure' && content.account !== null) {
    // The account of the person is erased by closing it.
    const account = { realm, person: content.account };
    const { result } = await identity.call(internalApis.closeAccount, account);
    if (result === 'owner') {
      await settleAs(request, 'failed', { waitingFor: ['the transfer of the ownership'] }, deps);
      return;
    }
  }
  const whom = await asPersonRequest(request, content, deps);
  const progress = await rights[request.kind](whom);
  const { state, waitingFor, receipts, certificate, download } = progress;
  if (waitingFor.includes(noticeToPerson)) await tellLifting(request, content, deps);
  // A hold that ended meanwhile has kept something too.
  const began = request.beganAt ?? request.receivedAt;
  const isHeld =
    request.kind === 'erasure' && isDone(state) && (await holds.existedSince(whom, began));
  const about =
    progress.nothingDone === true ? undefined : aboutOf(request.kind, isLifting(content));
  const told =
    isDone(state) && about !== undefined
      ? subProcessorsToTell(touchedBy(request), about, { facts, now: clock.now() })
      : undefined;
  await settleAs(
    request,
    isHeld ? 'held' : state,
    {
      ...(told && { ...told, notified: [...request.notified, ...told.notified] }),
      waitingFor: [...waitingFor],
      receipts: receipts.map(({ store, jws }) => ({ store, jws })),
      certificate: certificate ?? null,
      download: download ?? null,
    },
    deps,
  );
}

/** A new state of a request that is being executed; the next turn is later if nothing has changed. */
async function settleAs(
  request: RequestDocument,
  state: RequestDocument['state'],
  set: Partial<RequestDocument>,
  { requests, log }: AdvanceDeps,
): Promise<void> {
  if (state === request.state) {
    await requests.change(request, { state }, set);
    return;
  }
  const moved = await requests.move(request, running, state, set, { by, kind: state });
  if (moved !== undefined) log.info('request.changed', { object: request._id, status: state });
}

/** When nothing holds it any more, the erasure runs again, as another request with its own certificate. */
async function repeat(request: RequestDocument, deps: AdvanceDeps): Promise<void> {
  const { requests, holds } = deps;
  const [again] = await requests.partsOf(request._id);
  if (again !== undefined) {
    if (!isDone(again.state)) return;
    const { state, receipts, certificate } = again;
    const kept = { receipts: [...receipts], certificate };
    await requests.move(request, ['held'], state, kept, { by, kind: state });
    return;
  }
  const content = await requests.contentOf(request);
  const whom = await asPersonRequest(request, content, deps);
  if ((await holds.of(whom)).length > 0) return;
  await requests.addPart(request, { ...content, callbacks: [] }, realmOf(request));
}

/** The state of a request to all tenants follows from its parts. */
async function gather(request: RequestDocument, deps: AdvanceDeps): Promise<void> {
  const parts = await deps.requests.partsOf(request._id);
  const state = stateOfParts(
    request.kind,
    parts.map((part) => part.state),
  );
  const waiting = parts.filter((part) => !isDone(part.state)).length;
  const waitingFor = waiting === 0 ? [] : [`${String(waiting)} of ${String(parts.length)} parts`];
  if (state === request.state) {
    await deps.requests.change(request, { state }, { waitingFor });
    return;
  }
  await deps.requests.move(
    request,
    [...running, 'held'],
    state,
    { waitingFor },
    { by, kind: state },
  );
}

/** Sends the result to the person and the tenant, and removes the address. */
async function finish(request: RequestDocument, deps: AdvanceDeps): Promise<void> {
  const { requests, mails, facts, clock } = deps;
  if (!isDone(request.state)) return;
  if (request.content === null) {
    await requests.change(request, { state: request.state }, { turnAt: null });
    return;
  }
  const { address, language, callbacks } = await requests.contentOf(request);
  const isToPerson = request.tenant === null && request.commitment !== null;
  if (isToPerson) {
    const parts = await outcomesOf(request, language, deps);
    const complaint = facts.supervisoryAuthority.name;
    const { kind, state } = request;
    const contact = aboutOf(kind, false) === undefined ? undefined : facts.email;
    const mail = resultMail(language, { kind, state, parts, complaint, contact });
    await mails.keep(`${request._id} result`, { to: address, ...mail });
  } else if (request.parent !== null) {
    await tellCopy(request, request.parent, deps);
  }
  const isCalled = callbacks.length > 0;
  await requests.change(
    request,
    { state: request.state },
    {
      turnAt: null,
      person: null,
      ...(isCalled ? { callbackAt: new Date(clock.now()) } : { content: null }),
    },
    ...(isToPerson ? [{ by, kind: 'person_told' }] : []),
  );
}

/**
 * Tells the person of the copy of one customer if others are not done: it may be gone before they are. If all
 * are done, the result of the whole request tells it.
 */
async function tellCopy(part: RequestDocument, parent: string, deps: AdvanceDeps): Promise<void> {
  const { requests, mails } = deps;
  const whole = await requests.find({ _id: parent, tenant: null });
  if (whole === null || (await requests.partsOf(parent)).every(({ state }) => isDone(state)))
    return;
  const { address, language } = await requests.contentOf(part);
  const outcome = (await outcomesOf(whole, language, deps)).find(
    ({ download }) => download?.part === part._id,
  );
  if (outcome === undefined) return;
  const mail = copyMail(language, { kind: part.kind, part: outcome });
  await mails.keep(`${part._id} copy`, { to: address, ...mail });
}

/** Tells the person that it takes longer, with the reason (GDPR Art. 12(3)). */
export async function tellExtension(
  request: RequestDocument,
  reason: string,
  { requests, mails }: Pick<AdvanceDeps, 'requests' | 'mails'>,
): Promise<void> {
  const { address, language } = await requests.contentOf(request);
  const { kind, dueAt: until } = request;
  const mail = extensionMail(language, { kind, reason, until });
  await mails.keep(`${request._id} extension`, { to: address, ...mail });
}
