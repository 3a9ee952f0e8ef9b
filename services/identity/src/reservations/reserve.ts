import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { Entity, Versioned } from '../entities/entity.ts';
import type { New, Writer } from '../entities/writer.ts';

/** A value that only one tenant may have. It was free, and stays reserved until confirmed or withdrawn. */
export interface Reservation {
  /** Activates it. */
  confirm(): Promise<void>;
  /** Releases it. Does nothing if it is active already. */
  withdraw(): Promise<void>;
}

/** Another tenant has it or is reserving it. */
export class TakenError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TakenError';
  }
}

/** The reservation took too long and was removed. */
export class ReservationLostError extends Error {
  constructor() {
    super('The reservation took too long');
    this.name = 'ReservationLostError';
  }
}

const lookAgainAfter = 20;
const patience = 5_000;

/**
 * Reserves a value that must be unique among all tenants. No store can compare it: it is sealed under
 * each tenant's own key, and no common hash of it exists (docs/decisions/unique-across-tenants.md).
 *
 * The reservation is written first and rivals are read after it. So of two concurrent reservations at
 * least one sees the other. If a rival is active, the reservation fails. Of two reservations the one with
 * the greater id fails, and the other waits until that one is withdrawn.
 */
export async function reserve<Document extends Versioned>(deps: {
  readonly writer: Writer;
  readonly entity: Entity<Document>;
  readonly fields: New<Document>;
  /** The documents that can be rivals. */
  readonly rivals: mongo.Filter<Document>;
  readonly clashes: (rival: Document) => Promise<boolean>;
  /** The error text if a rival has it. It contains no name and no tenant. */
  readonly taken: string;
}): Promise<Reservation> {
  const { writer, entity, fields, rivals, clashes } = deps;
  const { collection } = entity;
  const id: string = fields._id;

  async function withdraw(): Promise<void> {
    await collection.deleteOne({ _id: id, version: 0 } as mongo.Filter<Document>);
  }

  async function isFree(): Promise<boolean> {
    for (const giveUpAt = Date.now() + patience; Date.now() < giveUpAt;) {
      let contested = false;
      for await (const found of collection.find({ ...rivals, deleted: { $exists: false } })) {
        const rival = found as Document;
        if (rival._id === id || !(await clashes(rival))) continue;
        if (rival.version > 0 || rival._id < id) return false;
        contested = true;
      }
      if (!contested) return true;
      await sleep(lookAgainAfter);
    }
    return false;
  }

  await writer.insertReservation(entity, fields);
  try {
    if (!(await isFree())) throw new TakenError(deps.taken);
  } catch (error) {
    await withdraw();
    throw error;
  }
  return {
    withdraw,
    async confirm() {
      if (!(await writer.confirmReservation(entity, id))) throw new ReservationLostError();
    },
  };
}
