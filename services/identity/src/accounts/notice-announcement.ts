import { TenantUnavailable, type Announcement } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import { isActive, type Entity } from '../entities/entity.ts';
import type { TenantDocument } from '../tenants/model.ts';
import type { NoticeOwners } from './notice-owners.ts';

/**
 * Tells the owners of every tenant, once for each edition, that other documents of privacy take effect
 * later (GDPR Art. 28(2)).
 */
export type NoticeAnnouncement = (announcement: Announcement) => Promise<void>;

export function createNoticeAnnouncement(deps: {
  readonly tenants: Entity<TenantDocument>;
  readonly access: Pick<Tenants, 'run'>;
  readonly noticeOwners: NoticeOwners;
}): NoticeAnnouncement {
  const { access, noticeOwners } = deps;
  const { collection } = deps.tenants;

  async function tell(tenant: string, { edition, effectiveAt, page }: Announcement) {
    const isUntold = { _id: tenant, ...isActive, toldEdition: { $ne: edition } };
    const { modifiedCount } = await access.run(tenant, 'write', () =>
      collection.updateOne(isUntold, { $set: { toldEdition: edition } }),
    );
    // Another process tells them, or has. If it crashes before it has kept the notice, there is none.
    if (modifiedCount === 0) return;
    try {
      await noticeOwners(tenant, 'documents-announced', { at: effectiveAt, page });
    } catch (error) {
      await collection.updateOne(
        { _id: tenant, toldEdition: edition },
        { $unset: { toldEdition: true } },
      );
      throw error;
    }
  }

  return async (announcement) => {
    const untold = collection.find(
      { ...isActive, toldEdition: { $ne: announcement.edition } },
      { projection: { _id: 1 } },
    );
    for await (const { _id: tenant } of untold) {
      try {
        await tell(tenant, announcement);
      } catch (error) {
        // It is being erased, or gets the mail in the next run.
        if (!(error instanceof TenantUnavailable)) throw error;
      }
    }
  };
}
