import { day, hour } from '@mysmtp/contracts';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Model } from 'mongoose';
import { Gauge, type Registry } from 'prom-client';
import { headRetention, newestHead, type AuditHeadDocument } from '../audit-heads/heads.ts';

/** Deletes heads past their retention, and shows how old the newest is. */
export function watchAuditHeads(deps: {
  readonly heads: Model<AuditHeadDocument>;
  readonly clock: Clock;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { heads, clock, metrics } = deps;
  const age = new Gauge({
    name: 'mysmtp_audit_head_age_seconds',
    help: 'Age of the newest signed head of the audit chain; since the start, if there is none.',
    registers: [metrics],
  });
  const limit = headRetention + day + hour;
  const gauges = retentionGauges({ store: 'privacy.auditHeads', limit, clock, metrics });
  const since = clock.now();

  return async () => {
    const now = clock.now();
    const newest = await newestHead(heads);
    age.set(Math.max(0, now - (newest?.signedAt.getTime() ?? since)) / 1_000);
    if (newest === null) {
      gauges.update(undefined);
      return;
    }
    const older = { _id: { $lt: newest._id } };
    await heads.deleteMany({ ...older, signedAt: { $lt: new Date(now - headRetention) } });
    const oldest = await heads.findOne(older).sort({ signedAt: 1 }).lean();
    gauges.update(oldest?.signedAt.getTime());
  };
}
