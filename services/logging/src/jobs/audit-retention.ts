import {
  auditClassOf,
  day,
  hour,
  securityEventTypes,
  securityRetention,
  type AuditClass,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import { withoutPayload } from '../audit/erase.ts';
import type { AuditEntries } from '../audit/store.ts';
import { aboutChain, type ChainWriter } from '../audit/writer.ts';

const classes: readonly AuditClass[] = ['security', 'audit'];

const typesOf = (name: AuditClass) =>
  securityEventTypes.filter((type) => auditClassOf(type) === name);

/**
 * Deletes payloads and full addresses of clients past their time. The chain says first up to which time the
 * payloads of a class are deleted, once for each UTC day.
 */
export function expirePayloads(deps: {
  readonly entries: AuditEntries;
  readonly chain: ChainWriter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { entries, chain, clock, log, metrics } = deps;
  const limit = (securityRetention.audit + 1) * day + hour;
  const gauges = retentionGauges({ store: 'logging.auditEntries', limit, clock, metrics });

  async function expire(name: AuditClass, now: number): Promise<void> {
    const retention = securityRetention[name] * day;
    const today = now - (now % day);
    const due = { until: { $lte: today }, type: { $in: typesOf(name) } };
    if ((await entries.findOne(due, { projection: { _id: 1 } })) === null) return;
    const event = aboutChain('payload_expired', now);
    const expired = { class: name, below: today - retention + 1 };
    if (!(await chain.append([{ event, about: { expired } }]))) return;
    const { modifiedCount } = await entries.updateMany(due, withoutPayload);
    log.info('audit.payloads_expired', { status: name, count: modifiedCount });
  }

  return async () => {
    const now = clock.now();
    await entries.updateMany(
      { clientUntil: { $lte: now } },
      { $unset: { client: '', clientUntil: '' } },
    );
    for (const name of classes) await expire(name, now);
    const [oldest] = await entries
      .find({ until: { $gt: 0 } }, { projection: { time: 1 } })
      .sort({ until: 1 })
      .limit(1)
      .toArray();
    gauges.update(oldest?.time);
  };
}
