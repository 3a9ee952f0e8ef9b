import type { privacyApi } from '@mysmtp/api';
import { actorText } from '@mysmtp/contracts';
import { problems, type Handler, type ServiceClient } from '@mysmtp/http';
import type { Clock } from '@mysmtp/service';
import type { Exports } from '../exports/exports.ts';
import type { Requests } from '../requests/ledger.ts';
import { waitsOf } from '../requests/waiting-time.ts';
import { actsForOthers, realmOfPrincipal } from './requests.ts';

/**
 * In a session, no copy is handed out for 72 hours after a change of the account: it may have been made before.
 *
 * The copy of an account is for the person who has asked while signed in, and for nobody else in the tenant. Other
 * copies are for those who may request a right for others.
 */
export function downloadExport(deps: {
  readonly requests: Pick<Requests, 'find'>;
  readonly exports: Pick<Exports, 'read'>;
  readonly identity: ServiceClient;
  readonly clock: Clock;
}): Handler<typeof privacyApi.downloadExport> {
  const { requests, exports } = deps;
  return async ({ params: { id }, principal }) => {
    const [request, found] = await Promise.all([requests.find({ _id: id }), exports.read(id)]);
    if (request === null || found === undefined) throw problems.notFound();
    if (found.tenant !== realmOfPrincipal(principal)) throw problems.hidden('foreign');
    const isTheirs =
      request.channel === 'account'
        ? request.by === actorText(principal)
        : principal.tenant !== null && actsForOthers(principal);
    if (!isTheirs) throw problems.hidden('permission');
    const waits = await waitsOf(principal, deps);
    if (waits !== undefined) {
      const until = waits.until.toISOString();
      throw problems.conflict(`How this account signs in was changed. No copy before ${until}`);
    }
    const name = `export-${id}.zip`;
    return {
      status: 200,
      headers: { 'content-disposition': `attachment; filename="${name}"` },
      body: found.bundle,
    };
  };
}
