import type { Logger } from '@mysmtp/log';
import { ConfigError } from '@mysmtp/service';
import type { Model } from 'mongoose';
import type { Vault } from '../vault/vault.ts';
import { checkOf } from './derive.ts';
import type { RootDocument } from './root.ts';

/**
 * Runs before anything is sealed or opened: the vault must have exactly the roots that the database was
 * made with. With another root, every new value would be sealed under a key that no other process has,
 * and every old value would look destroyed. Throws a `ConfigError` that names each root and its fault.
 */
export async function verifyRoots(
  model: Model<RootDocument>,
  vault: Vault,
  log: Logger,
): Promise<void> {
  // Reads the vault first: a process that makes a root writes to the database before the vault.
  const inVault = await vault.list();
  const known = new Map((await model.find().lean()).map((root) => [root._id, root]));

  const wrong = new Map<string, string>();
  for (const id of inVault) {
    const root = known.get(id);
    if (root === undefined) wrong.set(id, 'is unknown to the database, which may be an older one');
    else if (root.destroyedAt !== null) await destroyAgain(id, vault, log);
  }
  for (const root of known.values()) {
    const reason = await problemWith(root, model, vault);
    if (reason !== undefined) wrong.set(root._id, reason);
  }
  if (wrong.size === 0) return;
  for (const [root, reason] of wrong) log.error('keyring.root_refused', { root, reason });
  throw new ConfigError(
    [...wrong].map(([root, reason]) => ({
      setting: 'VAULT_DIR',
      reason: `root ${root} ${reason}`,
    })),
  );
}

/** A restored backup of the vault has brought back a destroyed root. It is destroyed again at once. */
async function destroyAgain(id: string, vault: Vault, log: Logger): Promise<void> {
  await vault.destroy(id);
  log.warn('keyring.root_destroyed_again', { root: id });
}

async function problemWith(
  root: RootDocument,
  model: Model<RootDocument>,
  vault: Vault,
): Promise<string | undefined> {
  // Not confirmed: nothing was made with it. Retired: the job completes its destruction.
  if (root.check === null || root.retiredAt !== null) return undefined;
  const secret = await vault.read(root._id);
  if (secret !== undefined) {
    const check = checkOf(secret);
    secret.fill(0);
    return check === root.check ? undefined : 'is not the one the data was made with';
  }
  // Another process may have destroyed it since we read the list.
  const now = await model.findById(root._id).lean();
  return now?.retiredAt === null ? 'is missing' : undefined;
}
