import type { Recipient, SuppressionGround } from '@mysmtp/contracts';
import type { Group } from '../routing/router.ts';
import type { NoRoute } from '../routing/site.ts';

/** The reply is ours: no server was asked. */
export const suppressed: Readonly<Record<SuppressionGround, NoRoute>> = {
  objection: refusing('The addressee has objected to mail from this sender'),
  restriction: refusing('The use of the data of the addressee is restricted'),
};

function refusing(text: string): NoRoute {
  const [code, enhancedCode] = [550, '5.7.1'];
  return { kind: 'permanent', code, enhancedCode, text: `${String(code)} ${enhancedCode} ${text}` };
}

/** Separates the recipients to whom nothing is sent: a group for each ground. */
export function groupSuppressed(
  recipients: readonly Recipient[],
  positions: readonly number[],
  found: ReadonlyMap<string, SuppressionGround>,
): { readonly groups: readonly Group[]; readonly others: readonly number[] } {
  if (found.size === 0) return { groups: [], others: positions };
  const byGround = Map.groupBy(positions, (n) => found.get(recipients[n]?.index ?? ''));
  const groups: Group[] = [];
  for (const [ground, of] of byGround) {
    if (ground !== undefined) groups.push({ positions: of, failure: suppressed[ground] });
  }
  return { groups, others: byGround.get(undefined) ?? [] };
}
