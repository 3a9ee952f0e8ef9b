import { quotaParts, type QuotaReport } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { Credentials } from '../credentials/credentials.ts';
import { isActive, type AnyEntity, type Versioned } from '../entities/entity.ts';
import type { Noticed } from '../entities/noticed.ts';
import type { NoticeOwners } from './notice-owners.ts';

/** Tells the owners of a tenant about one of its limits, once for each window and percentage. */
export type NoticeQuota = (report: QuotaReport) => Promise<void>;

export function createNoticeQuota(deps: {
  readonly tenants: AnyEntity;
  readonly credentials: AnyEntity;
  readonly nameOf: Credentials['nameOf'];
  readonly access: Pick<Tenants, 'run'>;
  readonly noticeOwners: NoticeOwners;
}): NoticeQuota {
  const { access, nameOf, noticeOwners } = deps;

  /** Sends the notice, unless one was sent about this level or a higher one of this window. */
  async function once(
    { tenant, credential, end }: QuotaReport,
    topic: keyof Noticed,
    percent: number,
    tell: () => Promise<void>,
  ): Promise<void> {
    const { collection } = credential === undefined ? deps.tenants : deps.credentials;
    const field = `noticed.${topic}`;
    const entity = { _id: credential ?? tenant, ...isActive };
    const isUntold = [
      { [field]: { $exists: false } },
      { [`${field}.end`]: { $lt: end } },
      { [`${field}.end`]: end, [`${field}.percent`]: { $lt: percent } },
    ];
    const update = (condition: object, change: mongo.UpdateFilter<Versioned>) =>
      access.run(tenant, 'write', () => collection.updateOne({ ...entity, ...condition }, change));
    const { modifiedCount } = await update(
      { $or: isUntold },
      {
        $set: { [field]: { end, percent } },
      },
    );
    // Another process tells them, or has. If it crashes before it has kept the notice, there is none.
    if (modifiedCount === 0) return;
    try {
      await tell();
    } catch (error) {
      await update({ [`${field}.end`]: end }, { $unset: { [field]: true } } as object);
      throw error;
    }
  }

  return async (report) => {
    const { tenant, credential, end: until } = report;
    const named = credential === undefined ? { tenant, name: '' } : await nameOf(credential);
    // A credential that was revoked meanwhile is of no interest.
    if (named?.tenant !== tenant) return;
    if (report.about === 'bounces') {
      await once(report, 'bounces', 100, () =>
        noticeOwners(tenant, 'mail-bounces', { credential: named.name, until }),
      );
      return;
    }
    const { limit, max, percent } = report;
    const { measure, window } = quotaParts(limit);
    // No notice is sent about an hour.
    if (window === 'hour') return;
    const rule = `${max.toLocaleString('en')} ${measure} in a ${window}`;
    const quota = credential === undefined ? rule : `${rule} for the credential ${named.name}`;
    const kind = percent === 80 ? 'quota-80' : 'quota-100';
    await once(report, window, percent, () => noticeOwners(tenant, kind, { quota, until }));
  };
}
