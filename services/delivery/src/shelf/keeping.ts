import type { MessageState } from '../core/state.ts';
import type { Claims } from './claims.ts';
import { changesBetween, documentOf, waitingFields, type ShelfDocument } from './document.ts';
import type { Durably } from './durably.ts';
import type { Shelf } from './store.ts';

/** The message is in the deferred queue already, or was: what is written there is right. */
export class KnownAlready extends Error {
  constructor() {
    super('The message is in the deferred queue already');
    this.name = 'KnownAlready';
  }
}

/** How the state of one message is kept while it is in hand. All writes are repeated until they are done. */
export interface Keeping {
  /** Makes the state durable; the message stays in hand. */
  write(state: MessageState): Promise<void>;
  /** Makes the state durable and lets go of the message; false if it was known already. */
  wait(state: MessageState): Promise<boolean>;
  /** Forgets the message; `keepUntil`: how long a late redelivery finds that it was there. */
  end(keepUntil: number): Promise<void>;
  /** It is not in hand any more. */
  release(): void;
}

export interface Queue {
  readonly shelf: Shelf;
  readonly claims: Claims;
  readonly durably: Durably;
}

/** Of a message that the broker answers for: nothing is kept until it has to be. */
export function keepInMemory(
  queue: Queue,
  content: Buffer,
  /** The broker need not answer for it any more. */
  onStored: () => void,
): Keeping {
  const { shelf, claims, durably } = queue;
  let stored: Keeping | undefined;

  async function store(state: MessageState): Promise<void> {
    const document = { ...documentOf(state, content), state: 'claimed', claim: claims.create() };
    const isNew = await durably(() => shelf.put(document as ClaimedDocument));
    if (!isNew) throw new KnownAlready();
    stored = keepInQueue(queue, state, document.claim);
    onStored();
  }

  return {
    write: (state) => (stored === undefined ? store(state) : stored.write(state)),
    wait(state) {
      if (stored !== undefined) return stored.wait(state);
      return durably(() => shelf.put(documentOf(state, content)));
    },
    end: async (keepUntil) => stored?.end(keepUntil),
    release: () => stored?.release(),
  };
}

type ClaimedDocument = ShelfDocument & { readonly claim: string };

/** Of a message in the deferred queue that this process has a claim on. */
export function keepInQueue(
  { shelf, claims, durably }: Queue,
  state: MessageState,
  claim: string,
): Keeping {
  const inHand = { id: state.id, tenant: state.tenant, claim };
  let written = state;
  claims.hold(inHand.id, claim);

  function changesTo(after: MessageState) {
    const changes = changesBetween(written, after);
    written = after;
    return changes;
  }

  return {
    async write(after) {
      const changes = changesTo(after);
      if (Object.keys(changes).length > 0) await durably(() => shelf.change(inHand, changes));
    },
    async wait(after) {
      const changes = { ...changesTo(after), ...waitingFields(after) };
      await durably(() => shelf.change(inHand, changes));
      return true;
    },
    end: (keepUntil) => durably(() => shelf.finish(inHand, keepUntil)),
    release: () => claims.release(inHand.id, claim),
  };
}
