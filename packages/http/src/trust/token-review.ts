import pTimeout from 'p-timeout';
import type { Review } from './token-review-verifier.ts';

/** Timeout of the API server. Milliseconds. */
const patience = 2_000;

/**
 * Calls the API server of the cluster with the token that is mounted for it, or outside a cluster the one of
 * `KUBECONFIG`. Needs only `create` on `tokenreviews` (authentication.k8s.io).
 */
export async function openTokenReview(): Promise<Review> {
  // Large, and needed only in a cluster.
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
    // An API server without support for audiences omits them. Its result is then not valid for us.
    const isForUs = status?.audiences?.includes(audience) === true;
    return status?.authenticated === true && isForUs ? status.user?.username : undefined;
  };
}
