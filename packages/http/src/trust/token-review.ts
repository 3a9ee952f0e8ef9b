import pTimeout from 'p-timeout';
import type { Review } from './reviewed.ts';

/** An API server that has not answered by then is away. Milliseconds. */
const patience = 2_000;

/**
 * Asks the API server of the cluster that we run in, with the token that is mounted for it; elsewhere
 * the one that `KUBECONFIG` names. Needs `create` on `tokenreviews` (authentication.k8s.io) alone.
 */
export async function openTokenReview(): Promise<Review> {
  // Large, and of use in a cluster only.
  const { AuthenticationV1Api, KubeConfig } = await import('@mysmtp/kubernetes');
  const config = new KubeConfig();
  config.loadFromDefault();
  const api = config.makeApiClient(AuthenticationV1Api);
  return async (token, audience) => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [audience] },
    };
    const { status } = await pTimeout(api.createTokenReview({ body }), {
      milliseconds: patience,
      message: 'The API server did not answer in time',
    });
    // A server that knows nothing of audiences leaves them out: its yes is no yes for us.
    const isForUs = status?.audiences?.includes(audience) === true;
    return status?.authenticated === true && isForUs ? status.user?.username : undefined;
  };
}
