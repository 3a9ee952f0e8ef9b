import { ruleOf, type Principal } from '@mysmtp/api';
import { auditClassOf, type SecurityEvent, type SecurityEventType } from '@mysmtp/contracts';
import type { Happening, SecurityLog } from '@mysmtp/security-log';
import { LRUCache } from 'lru-cache';
import { Problem, problems } from './problem.ts';
import type { CurrentRequest } from './current-request.ts';
import type { Route } from './route.ts';

/** A request of one client to one route, on its way to the audit chain. */
export interface Report extends CurrentRequest {
  readonly route: Route;
  /** IP address of the client. */
  readonly address: string;
  /** `undefined` until it is known. */
  principal: Principal | undefined;
  /** The id in the path. */
  readonly object: string | null;
  /** Whether the handler was started, and whether it has succeeded. */
  isBegun?: true;
  isDone?: true;
  /** The parsed body and query, once they are valid. */
  input?: { readonly body: unknown; readonly query: unknown };
}

/** Reports what requests did and why they were refused (ASVS 16.2, 16.3). */
export interface Reports {
  /**
   * Call it before the handler. Throws a 503 problem if the request would change something and could not be
   * reported. A revocation is never refused for that reason.
   */
  begin(report: Report): void;
  /** Resolves when what the request did or showed is on its way to the audit chain. Call it before the answer. */
  done(report: Report): Promise<void>;
  /** Why the request failed. The answer does not wait. */
  failed(report: Report, error: unknown): void;
}

/** The same refusal of the same client is reported once in this time, so that nobody can fill the chain. */
const quiet = { ttl: 60_000, max: 10_000 } as const;

const happening = (report: Report, type: SecurityEventType): Happening => ({
  type,
  tenant: tenantOf(report),
  actor: actorOf(report.principal),
  outcome: 'ok',
  object: report.object,
  operation: report.route.name,
  ticket: report.about?.ticket ?? null,
  address: report.address,
});

/** What the handler has said, or what follows from the route. */
function happenings(report: Report): Happening[] {
  const described = report.descriptions.map((what) => ({
    ...happening(report, what.type),
    ...what,
  }));
  const isTold = described.some(({ type }) => auditClassOf(type) === 'audit');
  const usual = isTold ? undefined : typeOf(report);
  return usual === undefined ? described : [...described, happening(report, usual)];
}

export function createReports(log: SecurityLog): Reports {
  const refused = new LRUCache<string, true>(quiet);

  function noteOnce(what: Happening): void {
    const { actor, address, operation, type, reason } = what;
    const key = [type, actor.id ?? address, operation, reason].join(' ');
    if (refused.has(key)) return;
    refused.set(key, true);
    log.note(what);
  }

  /** The act is done, so its answer must not be lost: the event is sent when the broker is back. */
  async function record(what: Happening): Promise<void> {
    await log.record(what).catch(() => log.note(what));
  }

  return {
    begin(report) {
      if (!log.isReady() && changesSomething(report) && !takesAway(report)) {
        throw problems.unavailable('The audit log is temporarily unavailable');
      }
      report.isBegun = true;
    },
    async done(report) {
      report.isDone = true;
      for (const what of happenings(report)) {
        if (auditClassOf(what.type) === 'audit') await record(what);
        else log.note(what);
      }
    },
    failed(report, error) {
      for (const what of report.descriptions) {
        log.note({ ...happening(report, what.type), outcome: 'refused', ...what });
      }
      if (!(error instanceof Problem) || error.status >= 500) {
        if (report.isBegun && changesSomething(report))
          log.note({ ...happening(report, 'act'), outcome: 'failed' });
        return;
      }
      const refusal = refusalIn(error);
      if (refusal === undefined) return;
      noteOnce({
        ...happening(report, refusal === 'rate-limited' ? 'rate_limited' : 'request_refused'),
        outcome: 'refused',
        reason: refusal,
      });
    },
  };
}

/** Why the request was refused, if it is of interest for security. */
const refusalIn = ({ type, refusal }: Problem): string | undefined =>
  refusal?.reason ?? (type === 'rate-limited' ? type : undefined);

const isAccount = (principal: Principal | undefined) =>
  principal?.kind === 'token' || principal?.kind === 'person';

/** An export changes nothing, and must be in the chain as an act is. */
const eventOf = ({ event, path }: Route): SecurityEventType | undefined =>
  event ?? (path.endsWith('/export') ? 'export_made' : undefined);

const changesSomething = ({ principal, route }: Report): boolean =>
  isAccount(principal) && (route.method !== 'get' || eventOf(route) !== undefined);

/** A revocation must not depend on the broker. Its event is sent when the broker is back. */
const takesAway = ({ route }: Report): boolean => route.method === 'delete';

/** The general event of a request; `undefined` for one of which the chain has nothing. */
function typeOf(report: Report): SecurityEventType | undefined {
  const { principal, route, input, about } = report;
  if (!isAccount(principal)) return undefined;
  if (isDataRequest(input?.query) || isDataRequest(input?.body)) return 'data_request';
  const event = eventOf(route);
  if (event !== undefined) return event;
  const isOperator = actorOf(principal).kind === 'operator';
  const { access } = route;
  const showsData = 'permission' in access && ruleOf(access.permission).breakGlass === true;
  if (route.method === 'get') {
    return isOperator && showsData && about !== undefined ? 'data_viewed' : undefined;
  }
  return 'act';
}

/** A request for access to the own data (GDPR Art. 15). */
const isDataRequest = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && 'purpose' in input && input.purpose === 'access';

function actorOf(principal: Principal | undefined): SecurityEvent['actor'] {
  if (principal === undefined || principal.kind === 'public') return { kind: 'unknown', id: null };
  const { kind, id } = principal;
  if (kind === 'service') return { kind, id };
  return { kind: principal.tenant === null ? 'operator' : kind, id };
}

/** Of an operator, the tenant that the request names. It exists if the request has succeeded. */
function tenantOf({ principal, about, input, isDone }: Report): string | null {
  if (about !== undefined) return about.tenant;
  if (principal === undefined || !('tenant' in principal)) return null;
  const named = isDone === true ? (namedIn(input?.body) ?? namedIn(input?.query)) : undefined;
  return principal.tenant ?? named ?? null;
}

const namedIn = (input: unknown): string | undefined =>
  typeof input === 'object' &&
  input !== null &&
  'tenant' in input &&
  typeof input.tenant === 'string'
    ? input.tenant
    : undefined;
