import { day, findingTexts, type FindingNotice } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import { isActive, type Entity } from '../entities/entity.ts';
import type { Telemetry } from '../telemetry.ts';
import type { TenantDocument } from '../tenants/model.ts';
import type { NoticeOwners } from './notice-owners.ts';

/** Tells the owners of a tenant what detection has found: each finding once, and not too many in a day. */
export type NoticeFinding = (finding: FindingNotice) => Promise<void>;

/** How many findings are sent to the owners of a tenant in a UTC day. The others are in the API. */
export const findingsPerDay = 20;
/** How many ids of sent findings are kept. */
const known = 100;

/** The caller is not trusted: a compromised logging service must not fill mailboxes. */
export function createNoticeFinding(deps: {
  readonly tenants: Pick<Entity<TenantDocument>, 'collection'>;
  readonly access: Pick<Tenants, 'run'>;
  readonly noticeOwners: NoticeOwners;
  readonly clock: { now(): number };
  readonly telemetry: Pick<Telemetry, 'findingNotTold'>;
}): NoticeFinding {
  const { access, noticeOwners, clock, telemetry } = deps;
  const { collection } = deps.tenants;

  const change = async (
    tenant: string,
    condition: object,
    update: mongo.UpdateFilter<TenantDocument>,
  ): Promise<boolean> => {
    const filter = { _id: tenant, ...isActive, ...condition };
    const changed = await access.run(tenant, 'write', () => collection.updateOne(filter, update));
    return changed.modifiedCount === 1;
  };

  /** Marks a finding as sent. False if it is marked already, or the limit of the day is reached. */
  async function mark(tenant: string, id: string, today: number): Promise<boolean> {
    const isUntold = { 'toldFindings.ids': { $ne: id } };
    const $push = { 'toldFindings.ids': { $each: [id], $slice: -known } };
    const isToday = { 'toldFindings.day': today, 'toldFindings.count': { $lt: findingsPerDay } };
    const isFirst = { 'toldFindings.day': { $not: { $gte: today } } };
    return (
      (await change(
        tenant,
        { ...isUntold, ...isToday },
        { $push, $inc: { 'toldFindings.count': 1 } },
      )) ||
      change(
        tenant,
        { ...isUntold, ...isFirst },
        { $push, $set: { 'toldFindings.day': today, 'toldFindings.count': 1 } },
      )
    );
  }

  return async ({ tenant, rule, at, id = `${String(at)}:${rule}` }) => {
    const now = clock.now();
    const today = now - (now % day);
    if (!(await mark(tenant, id, today))) {
      telemetry.findingNotTold(tenant, rule);
      return;
    }
    try {
      await noticeOwners(tenant, 'finding', { at, finding: findingTexts[rule] });
    } catch (error) {
      await change(
        tenant,
        { 'toldFindings.ids': id },
        { $pull: { 'toldFindings.ids': id }, $inc: { 'toldFindings.count': -1 } },
      );
      throw error;
    }
  };
}
