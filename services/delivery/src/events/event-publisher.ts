import { PublishError, type Publisher } from '@mysmtp/broker';
import {
  contentOf,
  isFinal,
  isUnavailable,
  MessageEvents,
  routingKeys,
  SpoolReleased,
  type MessageEvent,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';
import { logIndexesOf, type MessageState, type RecipientState } from '../core/state.ts';
import { createBatcher, type Batcher } from './batcher.ts';
import type { PublishedRows } from './published-rows.ts';

/**
 * Publishes delivery's events. Every promise resolves once the broker has confirmed, or if the tenant or the
 * person is fenced: nothing is published for them.
 */
export interface EventPublisher {
  /** The final state of a recipient: confirmed before the message is acknowledged or deleted. */
  finished(event: MessageEvent): Promise<void>;
  /** An intermediate state. Lost only if this process crashes; a later event replaces it. Never rejects. */
  changed(event: MessageEvent): Promise<void>;
  /** This spooled content is not needed any more. */
  released(tenant: string, spoolId: string): Promise<void>;
  /** Sends the gathered events and waits for the confirms. Later events are rejected. */
  close(): Promise<void>;
}

const mostEvents = 200;

export function createEventPublisher(
  publisher: Publisher,
  tenants: Pick<Tenants, 'writeAll' | 'fencedBy' | 'personFences'>,
  publishedRows: Pick<PublishedRows, 'add'>,
  log: Logger,
): EventPublisher {
  const gathering = <Item extends { readonly tenant: string }>(
    key: string,
    contentOfAll: (items: Item[]) => Buffer,
    isFenced: (item: Item) => boolean = () => false,
    onSent: (items: Item[]) => void = () => undefined,
  ): Batcher<Item> =>
    createBatcher({
      most: mostEvents,
      async send(batch) {
        // At each try, because a fence may have been applied meanwhile.
        const items = batch.filter(
          (item) => tenants.fencedBy(item.tenant) === undefined && !isFenced(item),
        );
        if (items.length === 0) return;
        const content = contentOfAll(items);
        const concerned = items.map(({ tenant }) => tenant);
        await tenants.writeAll(concerned, () =>
          publisher.publish({ key, content, mandatory: true }),
        );
        onSent(items);
      },
      mayRetry: (error) => error instanceof PublishError || isUnavailable(error, 'stale'),
      onRetry: (error, count) =>
        log.warn('events.publish_failed', { error, count, routingKey: key }),
    });
  const isPersonFenced = ({ tenant, acceptedAt, senderIndex, recipientIndex }: MessageEvent) =>
    tenants.personFences(tenant)?.of(acceptedAt, recipientIndex, senderIndex) !== undefined;
  const events = (key: string) =>
    gathering<MessageEvent>(
      key,
      (batch) => contentOf(MessageEvents, { v: 1, events: batch }),
      isPersonFenced,
      publishedRows.add,
    );
  const finished = events(routingKeys.messageFinished);
  const changed = events(routingKeys.messageDeferred);
  const released = gathering<{ tenant: string; id: string }>(routingKeys.spoolReleased, (batch) =>
    contentOf(SpoolReleased, { v: 1, ids: batch.map(({ id }) => id) }),
  );

  return {
    finished: (event) => finished.add(event),
    changed: (event) =>
      changed.add(event).catch((error: unknown) => log.warn('events.lost', { error, count: 1 })),
    released: (tenant, id) => released.add({ tenant, id }),
    async close() {
      await Promise.all([finished.close(), changed.close(), released.close()]);
    },
  };
}

/** The complete current state of one recipient; `undefined` if the message was never opened. */
export function recipientEvent(state: MessageState, n: number): MessageEvent | undefined {
  const { opened, held, credential } = state;
  const one = opened?.recipients[n];
  if (opened === undefined || one === undefined) return undefined;
  return {
    id: state.id,
    n,
    tenant: state.tenant,
    rev: one.rev,
    status: one.status,
    acceptedAt: state.acceptedAt,
    nextAttemptAt: held === undefined ? nextAttemptOf(one) : null,
    ...logIndexesOf(opened),
    recipientIndex: one.index,
    ...(one.domainIndex !== undefined && { recipientDomainIndex: one.domainIndex }),
    ...(credential !== undefined && { credential }),
    ...(one.lastReply !== undefined && { lastReply: one.lastReply }),
    ...(one.siteClass !== undefined && { siteClass: one.siteClass }),
    details: one.details.toString('base64'),
    attempts: one.attempts.map((attempt) => attempt.toString('base64')),
  };
}

const nextAttemptOf = ({ status, dueAt }: RecipientState): number | null =>
  isFinal(status) ? null : dueAt;
