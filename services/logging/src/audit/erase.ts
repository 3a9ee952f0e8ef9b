import { rangesOf } from '@mysmtp/audit';
import { CodedError } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';
import type { AuditEntries } from './store.ts';
import { aboutChain, type ChainWriter } from './writer.ts';

const batchSize = 5_000;

/** What is deleted with a payload. */
export const withoutPayload = {
  $unset: { tenant: '', sealed: '', until: '', client: '', clientUntil: '' },
} as const;

/**
 * Deletes the payloads of a tenant; their entries stay. The chain says which payloads an erasure deletes
 * before they are deleted, so that none is missing without a reason.
 */
export async function erasePayloads(
  { entries, chain, clock }: { entries: AuditEntries; chain: ChainWriter; clock: Clock },
  { erasure, tenant }: { readonly erasure: string; readonly tenant: string },
  count: (removed: number) => Promise<void>,
): Promise<void> {
  for (;;) {
    const found = await entries
      .find({ tenant }, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(batchSize)
      .toArray();
    if (found.length === 0) return;
    const seqs = found.map(({ _id }) => _id);
    const event = aboutChain('payload_erased', clock.now(), erasure);
    if (!(await chain.append([{ event, about: { erased: rangesOf(seqs) } }]))) {
      throw new CodedError('write_not_done', 'The service stops');
    }
    const { modifiedCount } = await entries.updateMany(
      { _id: { $in: seqs }, tenant },
      withoutPayload,
    );
    await count(modifiedCount);
  }
}
