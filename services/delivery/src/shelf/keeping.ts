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
  /** Begun once: what comes while the document is being written waits for it. */
  let stored: Promise<Keeping> | undefined;
  let isLetGo = false;

  async function store(state: MessageState): Promise<Keeping> {
    const document = { ...documentOf(state, content), state: 'claimed', claim: claims.create() };
    const isNew = await durably(() => shelf.put(document as ClaimedDocument));
    if (!isNew) throw new KnownAlready();
    onStored();
    return keepInQueue(queue, state, document.claim);
  }

  return {
    async write(state) {
      if (isLetGo) return;
      if (stored !== undefined) return (await stored).write(state);
      stored = store(state);
      await stored;
    },
    async wait(state) {
      isLetGo = true;
      if (stored !== undefined) return (await stored).wait(state);
      return durably(() => shelf.put(documentOf(state, content)));
    },
    async end(keepUntil) {
      isLetGo = true;
      return (await stored)?.end(keepUntil);
    },
    release: () => void stored?.then((keeping) => keeping.release()).catch(() => undefined),
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
