import { createHmac, randomBytes } from 'node:crypto';
import { TenantUnavailable } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { Contest } from '../reservations/reserve.ts';
import type { DomainDocument } from './model.ts';

export type NameContests = (
  name: string,
  /** How the tenant's own domains with this name are found, if it may have one. */
  own?: { readonly tenant: string; readonly nameIndex: string },
) => Contest<DomainDocument> & { readonly end: () => void };

/**
 * Compares a name with the domains of all tenants. A name is compared only with domains from which their
 * tenants may send: a claim does not block other tenants.
 */
export function createNameContests(deps: {
  readonly access: Pick<Tenants, 'refuseFenced' | 'onFence'>;
  readonly nameOf: (document: DomainDocument) => Promise<string>;
}): NameContests {
  const { access, nameOf } = deps;
  /**
   * HMACs of names by id, under a key of this process alone. They make names comparable. Without them
   * each comparison would need the keys of every tenant to open all other names.
   */
  const digests = new Map<string, { readonly tenant: string; readonly digest: string }>();
  access.onFence(({ tenant }) => {
    for (const [id, known] of digests) if (known.tenant === tenant) digests.delete(id);
  });
  const digestKey = randomBytes(32);
  const digest = (name: string) => createHmac('sha256', digestKey).update(name).digest('base64');

  /** A fenced tenant has no domains any more, only documents that will be deleted. */
  async function digestOf(document: DomainDocument): Promise<string | undefined> {
    const { _id: id, tenant } = document;
    const known = digests.get(id);
    if (known !== undefined) return known.digest;
    try {
      const made = digest(await nameOf(document));
      // If the tenant was fenced meanwhile, an entry added now would never be removed.
      access.refuseFenced(tenant);
      digests.set(id, { tenant, digest: made });
      return made;
    } catch (error) {
      if (error instanceof TenantUnavailable && !error.passes) return undefined;
      throw error;
    }
  }

  return (name, own) => {
    const wanted = digest(name);
    const seen = new Set<string>();
    return {
      rivals: {
        $or: [
          { status: { $ne: 'unverified' } },
          { reservedAt: { $exists: true } },
          ...(own === undefined ? [] : [own]),
        ],
      },
      async clashes(rival) {
        seen.add(rival._id);
        return (await digestOf(rival)) === wanted;
      },
      taken: 'This domain is taken',
      /** Drops the domains that this comparison did not find: they were deleted. */
      end() {
        for (const known of digests.keys()) if (!seen.has(known)) digests.delete(known);
      },
    };
  };
}
