import type { privacyApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { SecurityLog } from '@mysmtp/security-log';
import type { Signed } from '@mysmtp/signed';
import type { Model } from 'mongoose';
import { Counter, type Registry } from 'prom-client';
import { headOf, keepHead, newestHead, type AuditHeadDocument } from '../audit-heads/heads.ts';

/** Keeps what logging signs. A refusal is itself an event of the chain. */
export function keepAuditHead(deps: {
  readonly heads: Model<AuditHeadDocument>;
  readonly signed: Signed;
  readonly securityLog: Pick<SecurityLog, 'note'>;
  readonly log: Logger;
  readonly metrics: Registry;
}): Handler<typeof privacyApi.keepAuditHead> {
  const { heads, signed, securityLog, log, metrics } = deps;
  const refused = new Counter({
    name: 'mysmtp_audit_heads_refused_total',
    help: 'Heads of the audit chain that go back behind a kept one or contradict it: the chain was cut or rewritten.',
    registers: [metrics],
  });

  async function keep(jws: string) {
    const verified = await signed.verify('auditHead', Buffer.from(jws, 'latin1'));
    if ('refused' in verified) return 'refused';
    const { payload: head, at } = verified;
    const result = await keepHead(heads, head, { at, jws });
    if (result === 'refused') {
      log.error('audit.head_refused', { count: head.seq });
      securityLog.note({
        type: 'chain_head_refused',
        tenant: null,
        actor: { kind: 'service', id: 'logging' },
        outcome: 'refused',
      });
    }
    return result;
  }

  return async ({ body: { jws } }) => {
    const result = jws === undefined ? 'none' : await keep(jws);
    if (result === 'refused') refused.inc();
    const newest = await newestHead(heads);
    return { status: 200, body: { result, head: newest && headOf(newest) } };
  };
}

export function listAuditHeads(
  heads: Model<AuditHeadDocument>,
): Handler<typeof privacyApi.listAuditHeads> {
  return async ({ query: { before, limit = 100 } }) => {
    const found = await heads
      .find(before === undefined ? {} : { _id: { $lt: before } })
      .sort({ _id: -1 })
      .limit(limit)
      .lean();
    const shown = found.map(({ _id: seq, digest, signedAt, jws }) => ({
      seq,
      digest,
      signedAt: signedAt.toISOString(),
      jws,
    }));
    return { status: 200, body: { heads: shown } };
  };
}
