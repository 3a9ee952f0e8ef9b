import { openKeptSecret } from './kept-secret.ts';

/** What its people must know, this once. */
export interface Made {
  readonly tenant: { readonly id: string; readonly domain: string; readonly ownerToken: string };
  readonly operator: { readonly token: string };
  readonly credential: { readonly username: string; readonly password: string };
}

/**
 * Where what is made goes: standard output, or the Secret of this name; `undefined` if that has its
 * content already. Asked first: what cannot be kept must not be made.
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
