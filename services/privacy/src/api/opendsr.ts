import type { privacyApi } from '@mysmtp/api';
import { requestKinds } from '@mysmtp/api';
import { actorText, publishedKeysPath } from '@mysmtp/contracts';
import { problems, type Handlers } from '@mysmtp/http';
import type { CertificateSigner } from '../certificates/signer.ts';
import type { OperatorFacts } from '../documents/operator.ts';
import { openDsrStatus, openDsrVersion } from '../requests/callbacks.ts';
import type { RequestDocument } from '../requests/model.ts';
import { cancellableStates, isDone } from '../requests/states.ts';
import { tellOfWaiting } from '../requests/waiting-time.ts';
import { actsForOthers, addressesIn, type RequestApiDeps } from './requests.ts';

type OpenDsrHandlers = Pick<
  Handlers<typeof privacyApi>,
  'discoverOpenDsr' | 'createOpenDsrRequest' | 'showOpenDsrRequest' | 'cancelOpenDsrRequest'
>;

/** `typ` of the signature over what we received. */
const receivedType = 'mysmtp-request-received+jws';

/** The requests of a tenant in the form of OpenDSR. */
export function openDsrHandlers(
  deps: Pick<RequestApiDeps, 'requests' | 'identity' | 'clock' | 'log'> & {
    readonly certificates: CertificateSigner;
    readonly facts: Pick<OperatorFacts, 'privacyUrl'>;
  },
): OpenDsrHandlers {
  const { requests, identity, certificates, facts, clock, log } = deps;

  /** All of one group: one for each address. */
  async function groupOf(tenant: string, group: string) {
    const [first, ...rest] = await requests.list({ tenant, group }, 5_000);
    if (first === undefined) throw problems.notFound();
    return { first, all: [first, ...rest] };
  }

  return {
    async discoverOpenDsr() {
      const keys = new URL(publishedKeysPath, facts.privacyUrl).href;
      return {
        status: 200,
        body: {
          api_version: openDsrVersion,
          supported_identities: [{ identity_type: 'email', identity_format: 'raw' }],
          supported_subject_request_types: [...requestKinds],
          processor_certificate: keys,
        },
      };
    },
    async createOpenDsrRequest({ principal, body }) {
      if (!actsForOthers(principal)) throw problems.hidden('permission');
      const { tenant } = principal;
      const { subject_request_id: group, subject_request_type: kind } = body;
      const addresses = addressesIn(
        body.subject_identities.map(({ identity_value: address }) => address),
      );
      if (kind === 'rectification') {
        const message = 'OpenDSR has no field for the right value: use POST /v1/requests';
        throw problems.invalid([{ path: 'subject_request_type', message }]);
      }
      if ((await requests.find({ tenant, group })) !== null) {
        throw problems.conflict('There is a request with this id already');
      }
      const waits = await tellOfWaiting(principal, kind, { identity, clock });
      const receivedAt = new Date(clock.now());
      const made = await requests.add({
        kind,
        channel: 'api',
        tenant,
        addresses,
        by: actorText(principal),
        content: { callbacks: body.status_callback_urls ?? [] },
        receivedAt,
        group,
        waits,
      });
      log.info('request.received', {
        actor: actorText(principal),
        status: kind,
        count: made.length,
      });
      const { first } = await groupOf(tenant, group);
      const encoded = Buffer.from(JSON.stringify(body)).toString('base64');
      return {
        status: 201,
        headers: {
          'x-opendsr-processor-domain': new URL(facts.privacyUrl).host,
          'x-opendsr-signature': await certificates.signDetached(
            receivedType,
            Buffer.from(encoded),
          ),
        },
        body: {
          controller_id: tenant,
          expected_completion_time: first.dueAt.toISOString(),
          subject_request_id: group,
          received_time: receivedAt.toISOString(),
          encoded_request: encoded,
          extensions: { mysmtp: { requests: made } },
        },
      };
    },
    async showOpenDsrRequest({ principal: { tenant }, params: { id } }) {
      const { first, all } = await groupOf(tenant, id);
      return {
        status: 200,
        body: {
          controller_id: tenant,
          expected_completion_time: first.dueAt.toISOString(),
          subject_request_id: id,
          request_status: statusOf(all),
          api_version: openDsrVersion,
          results_url: null,
        },
      };
    },
    async cancelOpenDsrRequest({ principal, params: { id } }) {
      if (!actsForOthers(principal)) throw problems.hidden('permission');
      const { tenant } = principal;
      const { first, all } = await groupOf(tenant, id);
      const entry = { by: actorText(principal), kind: 'cancelled' };
      const cancelled = await Promise.all(
        all.map((one) => requests.move(one, cancellableStates(one.kind), 'cancelled', {}, entry)),
      );
      if (cancelled.every((one) => one === undefined)) {
        throw problems.conflict('It is done, or something is destroyed already');
      }
      return {
        status: 202,
        body: {
          controller_id: tenant,
          subject_request_id: id,
          received_time: first.receivedAt.toISOString(),
        },
      };
    },
  };
}

/** Of a group: it is done when all of it is done. */
function statusOf(all: readonly RequestDocument[]): ReturnType<typeof openDsrStatus> {
  const states = all.map(openDsrStatus);
  if (all.every(({ state }) => isDone(state))) {
    return states.every((state) => state === 'cancelled') ? 'cancelled' : 'completed';
  }
  return states.every((state) => state === 'pending') ? 'pending' : 'in_progress';
}
