import { CodedError, hour } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { CertificateSigner } from '../certificates/signer.ts';
import type { Requests } from './ledger.ts';
import { realmOf, type RequestDocument } from './model.ts';
import { isDone } from './states.ts';

/** `typ` of the signature of a callback. */
export const callbackType = 'mysmtp-request-callback+jws';

export const openDsrVersion = '2.0';

/** The words of OpenDSR for our states. */
export function openDsrStatus({
  state,
}: Pick<RequestDocument, 'state'>): 'pending' | 'in_progress' | 'completed' | 'cancelled' {
  if (state === 'cancelled' || state === 'refused') return 'cancelled';
  if (isDone(state)) return 'completed';
  return state === 'received' || state === 'waiting_for_tenant' ? 'pending' : 'in_progress';
}

/** After that no callback is sent any more. */
const patience = 24 * hour;
const firstPause = 5_000;

const pauseAfter = (attempts: number): number => Math.min(hour, firstPause * 2 ** attempts);

/** Calls the URLs of requests that are done, until each has answered with 2xx. Returns whether one was due. */
export function createCallbacks(deps: {
  readonly requests: Requests;
  readonly certificates: CertificateSigner;
  /** Calls only servers on the internet. */
  readonly guardedFetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Logger;
}): () => Promise<boolean> {
  const { requests, certificates, guardedFetch, clock, log } = deps;

  async function post(url: string, request: RequestDocument): Promise<void> {
    const body = Buffer.from(
      JSON.stringify({
        controller_id: realmOf(request),
        expected_completion_time: request.dueAt.toISOString(),
        status_callback_url: url,
        subject_request_id: request.group ?? request._id,
        request_status: openDsrStatus(request),
        api_version: openDsrVersion,
        results_url: null,
        extensions: { mysmtp: { id: request._id, state: request.state } },
      }),
    );
    const answer = await guardedFetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-opendsr-signature': await certificates.signDetached(callbackType, body),
      },
      body,
    });
    await answer.body?.cancel();
    if (!answer.ok) {
      throw new CodedError('callback_refused', `The server answered ${String(answer.status)}`);
    }
  }

  async function call(request: RequestDocument): Promise<void> {
    const { _id: id, callbacks, settledAt } = request;
    const now = clock.now();
    const claimed = await requests.change(
      request,
      { callbackAt: request.callbackAt },
      { callbackAt: new Date(now + pauseAfter(callbacks)), callbacks: callbacks + 1 },
    );
    if (claimed === undefined) return;
    const by = 'job:call-back';
    // Nobody needs to know any more whom the request was about.
    const end = { callbackAt: null, content: null };
    try {
      const { callbacks: urls } = await requests.contentOf(request);
      for (const url of urls) await post(url, request);
      await requests.change(request, {}, end, { by, kind: 'called_back' });
      log.info('request.called_back', { object: id });
    } catch (error) {
      log.warn('request.callback_failed', { object: id, attempt: callbacks + 1, error });
      if (now - (settledAt?.getTime() ?? now) < patience) return;
      await requests.change(request, {}, end, { by, kind: 'callback_failed' });
    }
  }

  return async () => {
    const due = await requests.list({ callbackAt: { $lte: new Date(clock.now()) } }, 100);
    await Promise.all(due.map(call));
    return due.length > 0;
  };
}
