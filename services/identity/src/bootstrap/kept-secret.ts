import { retry } from '@mysmtp/retry';

/** An API server may be away for a moment; what was made must not be lost for it. Milliseconds. */
const patience = 300_000;
const delays = { first: 2_000, longest: 2_000 } as const;

/** A Kubernetes Secret that waits, empty, for what the first tenant's people need. */
export interface KeptSecret {
  isEmpty(): Promise<boolean>;
  /** Replaces its content. Tries again for five minutes; rejects after that. */
  write(content: Readonly<Record<string, string>>): Promise<void>;
}

/** In words for whoever reads the Job's log; the API's own answers may quote what they were sent. */
export class SecretError extends Error {}

/**
 * The Secret of this name in our own namespace. Needs `get` and `patch` on it alone; rejects where the
 * API server does not let us.
 */
export async function openKeptSecret(name: string): Promise<KeptSecret> {
  // Large, and of use in a cluster only.
  const { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } =
    await import('@mysmtp/kubernetes');
  const config = new KubeConfig();
  config.loadFromDefault();
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
  const api = config.makeApiClient(CoreV1Api);
  const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  return {
    async isEmpty() {
      const { data = {} } = await api
        .readNamespacedSecret({ name, namespace })
        .catch((error: unknown) => {
          throw new SecretError(
            `The Secret ${name} cannot be read (${reasonOf(error)}): nothing was changed`,
          );
        });
      return Object.keys(data).length === 0;
    },
    async write(content) {
      const body = { stringData: content };
      const write = () => api.patchNamespacedSecret({ name, namespace, body }, merge);
      await retry(write, { ...delays, signal: AbortSignal.timeout(patience) }).catch(
        (error: unknown) => {
          throw new SecretError(
            `The Secret ${name} cannot be written (${reasonOf(error)}): the tenant was made, but nobody knows its secrets`,
          );
        },
      );
    },
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
