import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { Entity, Versioned } from '../entities/entity.ts';
import type { Changes, New, Writer } from '../entities/writer.ts';

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

/** How a value is compared with those of other tenants. */
export interface Contest<Document extends Versioned> {
  /** The documents that can be rivals: those that have a value, and all reservations. */
  readonly rivals: mongo.Filter<Document>;
  readonly clashes: (rival: Document) => Promise<boolean>;
  /** The error text if a rival has it. It contains no name and no tenant. */
  readonly taken: string;
}

/**
 * Reserves a value that must be unique among all tenants, for a new document. No store can compare it: it is
 * sealed under each tenant's own key, and no common hash of it exists
 * (docs/decisions/unique-across-tenants.md).
 *
 * The reservation is written first and rivals are read after it. So of two concurrent reservations at
 * least one finds the other. If a rival is active, the reservation fails. Of two reservations the one with
 * the greater id fails, and the other waits until that one is withdrawn.
 */
export async function reserve<Document extends Versioned>(
  deps: Contest<Document> & {
    readonly writer: Writer;
    readonly entity: Entity<Document>;
    readonly fields: New<Document>;
  },
): Promise<Reservation> {
  const { writer, entity, fields } = deps;
  const id: string = fields._id;
  async function withdraw(): Promise<void> {
    await entity.collection.deleteOne({ _id: id, version: 0 } as mongo.Filter<Document>);
  }
  await writer.insertReservation(entity, fields);
  await win(entity, id, deps, withdraw);
  return {
    withdraw,
    async confirm() {
      if (!(await writer.confirmReservation(entity, id))) throw new ReservationLostError();
    },
  };
}

/**
 * The same for an active document that gets the value by `changes`: until now its value was not compared.
 * False if it is not in the state `from` any more.
 */
export async function reserveAndChange<Document extends Versioned>(
  deps: Contest<Document> & {
    readonly writer: Writer;
    readonly entity: Entity<Document>;
    readonly id: string;
    readonly from: mongo.Filter<Document>;
    readonly changes: Changes<Document>;
  },
): Promise<boolean> {
  const { writer, entity, id, from, changes } = deps;
  const reservedAt = await writer.markReserved(entity, id, from);
  if (reservedAt === undefined) return false;
  await win(entity, id, deps, () => writer.unmarkReserved(entity, id, reservedAt));
  if (await writer.changeReserved(entity, id, reservedAt, changes)) return true;
  throw new ReservationLostError();
}

/** Returns if no rival has the value. Otherwise withdraws and throws. */
async function win<Document extends Versioned>(
  entity: Entity<Document>,
  id: string,
  contest: Contest<Document>,
  withdraw: () => Promise<void>,
): Promise<void> {
  try {
    if (!(await isFree(entity, id, contest))) throw new TakenError(contest.taken);
  } catch (error) {
    await withdraw();
    throw error;
  }
}

async function isFree<Document extends Versioned>(
  { collection }: Entity<Document>,
  id: string,
  { rivals, clashes }: Contest<Document>,
): Promise<boolean> {
  for (const giveUpAt = Date.now() + patience; Date.now() < giveUpAt;) {
    let contested = false;
    for await (const found of collection.find({ ...rivals, deleted: { $exists: false } })) {
      const rival = found as Document;
      if (rival._id === id || !(await clashes(rival))) continue;
      if (rival.reservedAt === undefined || rival._id < id) return false;
      contested = true;
    }
    if (!contested) return true;
    await sleep(lookAgainAfter);
  }
  return false;
}
