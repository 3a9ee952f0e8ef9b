import type { loggingApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { FindingCollection, StoredFinding } from '../detection/findings.ts';

const usual = 50;

/** A tenant sees its own findings, an operator all. */
export function listFindings(findings: FindingCollection): Handler<typeof loggingApi.listFindings> {
  return async ({ query: { limit = usual, before }, principal: { tenant } }) => {
    const found = await findings
      .find({
        ...(tenant !== null && { tenant }),
        ...(before !== undefined && { _id: { $lt: before } }),
      })
      .sort({ _id: -1 })
      .limit(limit)
      .toArray();
    const next = found.length < limit ? null : (found.at(-1)?._id ?? null);
    return { status: 200, body: { findings: found.map(shown), next } };
  };
}

const shown = ({ _id: id, at, rule, severity, tenant, subject, event, count }: StoredFinding) => ({
  id,
  at: new Date(at).toISOString(),
  rule,
  severity,
  tenant,
  subject,
  event,
  count,
});
