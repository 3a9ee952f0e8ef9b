import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { Entity, Versioned } from '../entities/entity.ts';
import type { New, Writer } from '../entities/writer.ts';

/** Something that only one tenant may have was found free and is kept free for us until we decide. */
export interface Claim {
  /** Puts it in force. */
  confirm(): Promise<void>;
  /** Gives it up; nothing happens where it is in force already. */
  withdraw(): Promise<void>;
}

/** Another tenant has it, or is about to. */
export class TakenError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TakenError';
  }
}

/** The claim took so long that it was given up for lost. */
export class ClaimLostError extends Error {
  constructor() {
    super('The claim took too long');
    this.name = 'ClaimLostError';
  }
}

const lookAgainAfter = 20;
const patience = 5_000;

/**
 * Claims what must be unique among all tenants although no store can compare it: it is sealed under
 * each tenant's own key and no hash of it stands anywhere (docs/decisions/unique-across-tenants.md).
 *
 * The claim is written first and the rivals are looked at after, so that of two claims at the same
 * time at least one sees the other. Whoever sees a rival in force gives up. Of two claims under way
 * the one with the greater id gives up, and the other waits to see whether it really did.
 */
export async function claim<Document extends Versioned>(options: {
  readonly writer: Writer;
  readonly entity: Entity<Document>;
  readonly fields: New<Document>;
  /** Who may be a rival at all. */
  readonly rivals: mongo.Filter<Document>;
  readonly clashes: (rival: Document) => Promise<boolean>;
  /** What to say where a rival has it: no name, no tenant. */
  readonly taken: string;
}): Promise<Claim> {
  const { writer, entity, fields, rivals, clashes } = options;
  const { collection } = entity;
  const id: string = fields._id;

  async function withdraw(): Promise<void> {
    await collection.deleteOne({ _id: id, version: 0 } as mongo.Filter<Document>);
  }

  async function isFree(): Promise<boolean> {
    for (const giveUpAt = Date.now() + patience; Date.now() < giveUpAt;) {
      let contested = false;
      for await (const found of collection.find({ ...rivals, gone: { $exists: false } })) {
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

  await writer.insertClaim(entity, fields);
  try {
    if (!(await isFree())) throw new TakenError(options.taken);
  } catch (error) {
    await withdraw();
    throw error;
  }
  return {
    withdraw,
    async confirm() {
      if (!(await writer.confirmClaim(entity, id))) throw new ClaimLostError();
    },
  };
}
