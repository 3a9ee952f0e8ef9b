import type { identityApi } from '@mysmtp/api';
import { Problem, problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

export function readDomainRecords({
  domains,
  domainChecks,
}: Stores): Handler<typeof identityApi.readDomainRecords> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await domains.find(id), principal);
    const shown = await domainChecks.show(id);
    if (shown === undefined) throw problems.notFound();
    return { status: 200, body: shown };
  };
}

export function checkDomain({
  domains,
  domainChecks,
}: Stores): Handler<typeof identityApi.checkDomain> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await domains.find(id), principal);
    if (!(await domainChecks.checkNow(id))) {
      throw new Problem('rate-limited', {
        detail: 'This domain was checked a moment ago',
        headers: { 'retry-after': String(Math.ceil(domainChecks.pause / 1_000)) },
      });
    }
    const shown = await domainChecks.show(id);
    if (shown === undefined) throw problems.notFound();
    return { status: 200, body: shown };
  };
}
