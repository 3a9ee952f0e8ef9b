import { retry } from '@mysmtp/retry';

/** The created secrets, which are shown only once. */
export interface Made {
  readonly tenant: { readonly id: string; readonly domain: string; readonly ownerToken: string };
  readonly operator: { readonly token: string };
  readonly credential: { readonly username: string; readonly password: string };
}

/**
 * Where the output goes: standard output, or the Secret of this name; `undefined` if the Secret already
 * has content. Checked first, because a secret that cannot be stored must not be created.
 */
export async function keeperFor(
  name: string | undefined,
): Promise<((made: Made) => Promise<void>) | undefined> {
  if (name === undefined) {
    return async (made) => void process.stdout.write(`${JSON.stringify(made)}\n`);
  }
  const secret = await openKeptSecret(name);
  if (!(await secret.isEmpty())) return undefined;
  return ({ tenant, operator, credential }) =>
    secret.write({
      tenant: tenant.id,
      domain: tenant.domain,
      username: credential.username,
      password: credential.password,
      'owner-token': tenant.ownerToken,
      'operator-token': operator.token,
    });
}

/**
 * The API server may be unavailable for a moment. The created secrets must not be lost for that.
 * Milliseconds.
 */
const patience = 300_000;
const delays = { first: 2_000, longest: 2_000 } as const;

/** An empty Kubernetes Secret that will hold the credentials of the first tenant and operator. */
interface KeptSecret {
  isEmpty(): Promise<boolean>;
  /** Replaces its content. Retries for five minutes, then rejects. */
  write(content: Readonly<Record<string, string>>): Promise<void>;
}

/**
 * Its text is for the reader of the Job's log. The API's own answers are left out: they may quote
 * secrets.
 */
export class SecretError extends Error {}

/**
 * The Secret of this name in the own namespace. Needs `get` and `patch` on it alone. Rejects if the API
 * server refuses access.
 */
async function openKeptSecret(name: string): Promise<KeptSecret> {
  // Imported here because it is large and needed in a cluster only.
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
            `The Secret ${name} cannot be written (${reasonOf(error)}): the tenant was made, but its secrets are lost`,
          );
        },
      );
    },
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
