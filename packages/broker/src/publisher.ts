import { CodedError } from '@mysmtp/contracts';
import type { ConfirmChannel, Message } from 'amqplib';
import type { Broker } from './broker.ts';
import { checkExchanges } from './topology.ts';

export interface Publication {
  readonly key: string;
  readonly content: Buffer;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** True if the publish must fail when no queue takes the message. */
  readonly mandatory?: boolean;
  /** False for broadcasts, which a stopped process does not need. */
  readonly persistent?: boolean;
}

/**
 * Why the publish is not confirmed: `unavailable` (never sent), `returned` (no queue), `nacked` (the broker
 * refused), `unknown` (the connection broke before the confirm).
 */
export class PublishError extends CodedError {
  readonly kind: 'unavailable' | 'returned' | 'nacked' | 'unknown';

  constructor(kind: PublishError['kind']) {
    super(`publish_${kind}`, `The broker did not take the message: ${kind}`);
    this.name = 'PublishError';
    this.kind = kind;
  }
}

export interface Publisher {
  /** Resolves once the broker has confirmed; rejects with a `PublishError` otherwise. */
  publish(publication: Publication): Promise<void>;
  /** False if the broker is unreachable or has raised a resource alarm. */
  isReady(): boolean;
  /** Waits for pending confirms, then closes. */
  close(): Promise<void>;
}

interface Pending {
  returned: boolean;
  readonly confirmed: PromiseWithResolvers<void>;
}

/** Maximum number of unconfirmed messages. Bounds memory, and the overrun of length limits. */
const window = 2_000;

/** A publisher to the service's own exchange: one confirm channel shared by all callers. */
export function openPublisher({ service, log, publishing }: Broker): Publisher {
  let channel: ConfirmChannel | undefined;
  let closing = false;
  let sequence = 0;
  /** By message id. An entry has no reference to the content, because a map keeps it after its removal (docs/performance.md). */
  const pending = new Map<string, Pending>();
  let drained: (() => void) | undefined;

  const kept = publishing.openChannel({
    open: (model) => model.createConfirmChannel(),
    async setUp(opened) {
      await checkExchanges(opened, [service], log);
      opened.on('return', (message: Message) => {
        const entry = pending.get(String(message.properties.messageId));
        if (entry !== undefined) entry.returned = true;
      });
      // Runs before amqplib's own listener, which reports a false nack to each callback.
      opened.prependListener('close', () => lose(opened));
      channel = opened;
    },
  });

  function lose(lost: ConfirmChannel): void {
    if (channel === lost) channel = undefined;
    for (const id of pending.keys()) settle(id, new PublishError('unknown'));
  }

  function isReady(): boolean {
    return channel !== undefined && kept.isUp() && !publishing.isBlocked() && !closing;
  }

  function publish(publication: Publication): Promise<void> {
    const open = channel;
    // Under a resource alarm: fail at once, so that callers do not wait.
    const isBlocked = publishing.isBlocked();
    if (open === undefined || isBlocked || closing || pending.size >= window) {
      return Promise.reject(new PublishError('unavailable'));
    }
    const id = String((sequence += 1));
    const entry: Pending = { returned: false, confirmed: Promise.withResolvers() };
    pending.set(id, entry);
    const { key, content, headers, mandatory = false, persistent = true } = publication;
    const options = { messageId: id, mandatory, persistent, headers: headers ?? {} };
    try {
      open.publish(service, key, content, options, (error: unknown) => {
        // RabbitMQ sends basic.return before the ack of the same message, so the ack alone proves nothing.
        if (error !== null) settle(id, new PublishError('nacked'));
        else settle(id, entry.returned ? new PublishError('returned') : undefined);
      });
    } catch {
      // amqplib throws if the channel has just closed. Nothing was written.
      settle(id, new PublishError('unavailable'));
    }
    return entry.confirmed.promise;
  }

  function settle(id: string, error?: PublishError): void {
    const entry = pending.get(id);
    if (entry === undefined) return;
    pending.delete(id);
    if (error === undefined) entry.confirmed.resolve();
    else entry.confirmed.reject(error);
    if (pending.size === 0) drained?.();
  }

  async function close(): Promise<void> {
    closing = true;
    if (pending.size > 0) {
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    }
    await kept.close();
  }

  return { publish, isReady, close };
}
