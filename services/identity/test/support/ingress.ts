import { internalApis, type SubmittedNotice } from '@mysmtp/contracts';
import { implement, openApi, openSignedCallerVerifier, problems } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';

/** Ingress as identity sees it: it takes notices. */
export interface Ingress extends AsyncDisposable {
  readonly url: string;
  /** Every notice that was submitted, also if the answer was lost. */
  readonly submitted: SubmittedNotice[];
  /** `away`: refuses calls; `silent`: accepts, and its answer is lost. */
  state: 'up' | 'away' | 'silent' | 'refusing';
}

export async function openIngress(jwksFile: string): Promise<Ingress> {
  const api = await openApi({
    service: 'ingress',
    address: '127.0.0.1',
    port: 0,
    internalPort: 0,
    routes: [
      implement(internalApis.submitNotice, 'Notices', async (notice) => {
        if (ingress.state === 'away') throw problems.unavailable('Not now');
        ingress.submitted.push(notice);
        if (ingress.state === 'silent') throw problems.unavailable('The answer is lost');
        return {
          result: ingress.state === 'refusing' ? ('refused' as const) : ('accepted' as const),
        };
      }),
    ],
    tokens: () => undefined,
    callers: await openSignedCallerVerifier('ingress', jwksFile),
    log: createLogger('ingress', 'error', { write: () => undefined }),
    metrics: new Registry(),
  });
  const ingress: Ingress = {
    url: `http://127.0.0.1:${String(api.internalPort)}`,
    submitted: [],
    state: 'up',
    [Symbol.asyncDispose]: () => api.close(),
  };
  return ingress;
}
