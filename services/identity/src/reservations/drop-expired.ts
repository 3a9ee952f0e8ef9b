import type { AnyEntity } from '../entities/entity.ts';

/** Far longer than a reservation takes. An older one belongs to a crashed process. */
export const reservationLifetime = 120_000;

/** Removes expired reservations. If its process still confirms one later, the confirmation fails. */
export async function dropExpiredReservations(
  entities: readonly AnyEntity[],
  now: number,
): Promise<number> {
  let dropped = 0;
  for (const entity of entities) {
    const isExpired = { reservedAt: { $lt: now - reservationLifetime } };
    const deleted = await entity.collection.deleteMany({ version: 0, ...isExpired });
    const released = await entity.collection.updateMany(
      { version: { $gte: 1 }, ...isExpired },
      { $unset: { reservedAt: true } },
    );
    dropped += deleted.deletedCount + released.modifiedCount;
  }
  return dropped;
}
