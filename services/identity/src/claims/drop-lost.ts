import type { AnyEntity } from '../entities/entity.ts';

/** Far longer than a claim takes; what is older belongs to a process that died in the middle. */
export const claimLifetime = 120_000;

/** Removes claims that nobody will confirm any more. One that comes late all the same finds nothing to confirm. */
export async function dropLostClaims(entities: readonly AnyEntity[], now: number): Promise<number> {
  let dropped = 0;
  for (const entity of entities) {
    const result = await entity.collection.deleteMany({
      version: 0,
      claimedAt: { $lt: now - claimLifetime },
    });
    dropped += result.deletedCount;
  }
  return dropped;
}
