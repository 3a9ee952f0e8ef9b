import type { MessageState } from '../core/state.ts';
import type { Leases } from './leases.ts';
import { changesBetween, documentOf, waitingFields, type DeferredDocument } from './document.ts';
import type { RetryWrite } from './retry-write.ts';
import type { DeferredStore } from './store.ts';

/** The message is in the deferred queue already, or was. The document there is authoritative. */
export class AlreadyStoredError extends Error {
  constructor() {
    super('The message is in the deferred queue already');
    this.name = 'AlreadyStoredError';
  }
}

/** Stores the state of one message while it is in flight. All writes are repeated until they succeed. */
export interface Persistence {
  /** Makes the state durable; the message stays in flight. */
  write(state: MessageState): Promise<void>;
  /** Makes the state durable and releases the message; false if it was stored already. */
  wait(state: MessageState): Promise<boolean>;
  /** Deletes the message. Until `keepUntil` a tombstone stays, so that a late redelivery is recognised. */
  end(keepUntil: number): Promise<void>;
  /** The sealed content for the next write: the message was sealed again without an erased person. */
  replaceContent(content: Buffer): void;
  /** The message is not in flight any more. */
  release(): void;
}

export interface DeferredQueue {
  readonly store: DeferredStore;
  readonly leases: Leases;
  readonly retryWrite: RetryWrite;
}

/** For a message that the broker still keeps: nothing is stored until this is necessary. */
export function persistInMemory(
  queue: DeferredQueue,
  sealed: Buffer,
  /** Called when the broker need not keep the message any more. */
  onStored: () => void,
): Persistence {
  const { store: deferred, leases, retryWrite } = queue;
  /** The first write. Later writes wait for it. */
  let stored: Promise<Persistence> | undefined;
  let isReleased = false;
  let content = sealed;

  async function store(state: MessageState): Promise<Persistence> {
    const document = { ...documentOf(state, content), state: 'leased', lease: leases.create() };
    const isNew = await retryWrite(() => deferred.put(document as LeasedDocument));
    if (!isNew) throw new AlreadyStoredError();
    onStored();
    return persistInQueue(queue, state, document.lease);
  }

  return {
    async write(state) {
      if (isReleased) return;
      if (stored !== undefined) return (await stored).write(state);
      stored = store(state);
      await stored;
    },
    async wait(state) {
      isReleased = true;
      if (stored !== undefined) return (await stored).wait(state);
      return retryWrite(() => deferred.put(documentOf(state, content)));
    },
    async end(keepUntil) {
      isReleased = true;
      return (await stored)?.end(keepUntil);
    },
    replaceContent(replaced) {
      content = replaced;
      stored?.then((persistence) => persistence.replaceContent(replaced)).catch(() => undefined);
    },
    release: () => void stored?.then((persistence) => persistence.release()).catch(() => undefined),
  };
}

type LeasedDocument = DeferredDocument & { readonly lease: string };

/** For a message in the deferred queue that this process has leased. */
export function persistInQueue(
  { store: deferred, leases, retryWrite }: DeferredQueue,
  state: MessageState,
  lease: string,
): Persistence {
  const leased = { id: state.id, tenant: state.tenant, lease };
  let written = state;
  let content: Buffer | undefined;
  leases.hold(leased.id, lease);

  function changesTo(after: MessageState) {
    const changes = {
      ...changesBetween(written, after),
      ...(content !== undefined && { content }),
    };
    written = after;
    content = undefined;
    return changes;
  }

  return {
    async write(after) {
      const changes = changesTo(after);
      if (Object.keys(changes).length > 0) await retryWrite(() => deferred.change(leased, changes));
    },
    async wait(after) {
      const changes = { ...changesTo(after), ...waitingFields(after) };
      await retryWrite(() => deferred.change(leased, changes));
      return true;
    },
    end: (keepUntil) => retryWrite(() => deferred.finish(leased, keepUntil)),
    replaceContent: (replaced) => void (content = replaced),
    release: () => leases.release(leased.id, lease),
  };
}
