import type { AccountPrincipal, privacyApi } from '@mysmtp/api';
import { actorText, internalApis, operatorRealm } from '@mysmtp/contracts';
import { problems, type Handlers, type ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { canonicalAddress } from '../requests/address.ts';
import { decide, waitsForNotice, type DecideDeps } from '../requests/decide.ts';
import type { RequestDocument } from '../requests/model.ts';
import type { Policies } from '../requests/policy.ts';
import { cancellableStates, isCancellable } from '../requests/states.ts';
import { tellOfWaiting } from '../requests/waiting-time.ts';

type RequestHandlers = Pick<
  Handlers<typeof privacyApi>,
  | 'createRequests'
  | 'listRequests'
  | 'showRequest'
  | 'cancelRequest'
  | 'decideRequest'
  | 'enterRequest'
  | 'showRequestPolicy'
  | 'setRequestPolicy'
>;

export interface RequestApiDeps extends DecideDeps {
  readonly policies: Policies;
  readonly identity: ServiceClient;
  readonly log: Logger;
}

/** A key acts for its tenant, and a person for others only with this permission. */
export const actsForOthers = ({ kind, permissions }: AccountPrincipal): boolean =>
  kind === 'token' || permissions.has('requests:others');

/** Those that a principal may see: of the tenant, the own ones, or all of them without addresses. */
export function visibleTo(principal: AccountPrincipal): Readonly<Record<string, string>> {
  if (principal.tenant === null) return {};
  const ofTenant = { tenant: principal.tenant };
  if (principal.permissions.has('requests:others')) return ofTenant;
  return { ...ofTenant, by: actorText(principal) };
}

/** For the own data, an operator acts as a person of the operators' realm. */
export const realmOfPrincipal = ({ tenant }: AccountPrincipal): string => tenant ?? operatorRealm;

export async function findFor(
  principal: AccountPrincipal,
  id: string,
  { requests }: Pick<RequestApiDeps, 'requests'>,
): Promise<RequestDocument> {
  const found = await requests.find({ _id: id, ...visibleTo(principal) });
  if (found === null) throw problems.notFound();
  return found;
}

/** Canonical and each once. */
export function addressesIn(addresses: readonly string[]): string[] {
  const canonical = addresses.map((address, at) => {
    const form = canonicalAddress(address);
    if (form === undefined) {
      throw problems.invalid([{ path: `addresses.${String(at)}`, message: 'must be an address' }]);
    }
    return form;
  });
  return [...new Set(canonical)];
}

export function requestHandlers(deps: RequestApiDeps): RequestHandlers {
  const { requests, policies, identity, challenges, clock, log } = deps;

  /** The address of the person who is signed in. */
  async function ownAddress(principal: AccountPrincipal): Promise<string> {
    if (principal.kind !== 'person') {
      throw problems.invalid([{ path: 'addresses', message: 'A key has no own data' }]);
    }
    const whom = { realm: realmOfPrincipal(principal), person: principal.id };
    const { address } = await identity.call(internalApis.findAccount, whom);
    const form = address === null ? undefined : canonicalAddress(address);
    if (form === undefined) throw problems.notFound();
    return form;
  }

  async function create({
    principal,
    body: { kind, addresses, details = {}, callback, language },
  }: Parameters<RequestHandlers['createRequests']>[0]) {
    const isOwn = addresses === undefined;
    if (!isOwn && !actsForOthers(principal)) throw problems.hidden('permission');
    // An operator acts for no tenant.
    if (!isOwn && principal.tenant === null) throw problems.hidden('realm');
    const whom = isOwn ? [await ownAddress(principal)] : addressesIn(addresses);
    const corrects = details.address !== undefined || details.name !== undefined;
    if (kind === 'rectification' && (!corrects || whom.length > 1)) {
      const message = 'A rectification is of one address, with the right address or name';
      throw problems.invalid([{ path: 'details', message }]);
    }
    if (isOwn && kind === 'erasure' && principal.kind === 'person' && principal.role === 'owner') {
      throw problems.conflict('The owner transfers the ownership before, or ends the account');
    }
    const waits = await tellOfWaiting(principal, kind, { identity, clock });
    return requests.add({
      kind,
      channel: isOwn ? 'account' : 'api',
      tenant: realmOfPrincipal(principal),
      addresses: whom,
      by: actorText(principal),
      content: {
        details,
        language,
        callbacks: callback === undefined ? [] : [callback],
        account: isOwn ? principal.id : null,
      },
      receivedAt: new Date(clock.now()),
      waits,
    });
  }

  return {
    async createRequests(request) {
      const made = await create(request);
      const actor = actorText(request.principal);
      log.info('request.received', { actor, status: request.body.kind, count: made.length });
      return { status: 202, body: { requests: made } };
    },
    async listRequests({ principal, query: { state, before, limit = 100 } }) {
      const found = await requests.list(
        {
          ...visibleTo(principal),
          ...(state !== undefined && { state }),
          ...(before !== undefined && { receivedAt: { $lt: new Date(before) } }),
        },
        limit,
      );
      return { status: 200, body: { requests: found.map(summaryOf) } };
    },
    async showRequest({ principal, params: { id } }) {
      const request = await findFor(principal, id, deps);
      const isTheirs = principal.tenant !== null;
      const content =
        !isTheirs || request.content === null ? undefined : await requests.contentOf(request);
      const history = await requests.historyOf(request);
      const parts = await requests.partsOf(id);
      return {
        status: 200,
        body: {
          ...summaryOf(request),
          address: content?.address ?? null,
          actsAt: request.actsAt?.toISOString() ?? null,
          waitingFor: [...request.waitingFor],
          receipts: request.receipts.map(({ store, jws }) => ({ store, jws })),
          certificate: request.certificate,
          download: request.download === null ? null : `/v1/requests/${id}/download`,
          cancellable: isCancellable(request.kind, request.state),
          parent: isTheirs ? null : request.parent,
          parts: parts.map(({ _id }) => _id),
          notified: [request, ...parts].flatMap(({ notified }) =>
            notified.map(({ recipient, about, at, message, reason }) => ({
              recipient,
              about,
              at: at?.toISOString() ?? null,
              message,
              reason,
            })),
          ),
          history,
        },
      };
    },
    async cancelRequest({ principal, params: { id } }) {
      const request = await findFor(principal, id, deps);
      const actor = actorText(principal);
      // The tenant refuses a request of the person, with a reason. It cannot withdraw it.
      if (request.by !== actor && request.channel !== 'api') throw problems.notFound();
      const from = cancellableStates(request.kind);
      const entry = { by: actor, kind: 'cancelled' };
      if ((await requests.move(request, from, 'cancelled', {}, entry)) === undefined) {
        throw problems.conflict('It is done, or something is destroyed already');
      }
      log.info('request.cancelled', { actor, object: id });
      return { status: 204 };
    },
    async decideRequest({ principal, params: { id }, body: { decision, reason } }) {
      const request = await findFor(principal, id, deps);
      const actor = actorText(principal);
      const isOfOperators = decision === 'identified' || decision === 'challenge';
      if (isOfOperators && principal.tenant !== null) throw problems.hidden('permission');
      if (decision === 'refuse' && principal.kind !== 'person') {
        throw problems.conflict('Only a person refuses a request, never a program with a key');
      }
      if (decision === 'act' && waitsForNotice(request) && principal.kind !== 'person') {
        throw problems.conflict('Only a person records that somebody was told, never a key');
      }
      if (!(await decide(request, { decision, reason, by: actor }, deps))) {
        throw problems.conflict('The state of the request does not allow it');
      }
      log.info('request.decided', { actor, object: id, status: decision });
      return { status: 204 };
    },
    async enterRequest({ principal, body }) {
      const { channel, kind, address, details = {}, receivedAt, language, note } = body;
      const received = new Date(receivedAt);
      if (received.getTime() > clock.now()) {
        throw problems.invalid([{ path: 'receivedAt', message: 'is in the future' }]);
      }
      const [canonical = ''] = addressesIn([address]);
      const actor = actorText(principal);
      const id = await challenges.begin({
        kind,
        channel,
        address: canonical,
        by: actor,
        content: { details, language },
        receivedAt: received,
        note,
      });
      log.info('request.entered', { actor, object: id, status: kind });
      return { status: 201, headers: { location: `/v1/requests/${id}` }, body: { id } };
    },
    async showRequestPolicy({ principal }) {
      return { status: 200, body: await policies.of(principal.tenant) };
    },
    async setRequestPolicy({ principal, body }) {
      await policies.set(principal.tenant, body);
      log.info('request.policy_set', { actor: actorText(principal), status: body.mode });
      return { status: 204 };
    },
  };
}

const summaryOf = (request: RequestDocument) => ({
  id: request._id,
  kind: request.kind,
  channel: request.channel,
  state: request.state,
  receivedAt: request.receivedAt.toISOString(),
  dueAt: request.dueAt.toISOString(),
  ourDueAt: request.ourDueAt.toISOString(),
});
