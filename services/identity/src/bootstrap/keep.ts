import { openKeptSecret } from './kept-secret.ts';

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
