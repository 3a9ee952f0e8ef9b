import { PublishError, type Publisher } from '@mysmtp/broker';
import {
  contentOf,
  routingKeys,
  securityEventsLimit,
  SecurityEvents,
  type SecurityEvent,
} from '@mysmtp/contracts';
import { pause } from '@mysmtp/retry';
import type { ServiceContext } from '@mysmtp/service';
import { Counter } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import { accountKeyOf, sealAddress, type KeyOf } from './sealing.ts';

/** Something that happened, before the client's address is sealed. */
export type Happening = Pick<SecurityEvent, 'type' | 'tenant' | 'actor' | 'outcome'> &
  Partial<Pick<SecurityEvent, 'object' | 'operation' | 'reason' | 'ticket'>> & {
    /** IP address of the client. */
    readonly address?: string | undefined;
    /** The account that the client has named, if there is no such account. */
    readonly account?: string | undefined;
  };

/** Reports to the audit chain. */
export interface SecurityLog {
  /**
   * For acts, before they are answered. Resolves once the broker has the event; rejects with a
   * `PublishError` otherwise.
   */
  record(what: Happening): Promise<void>;
  /** For what must not wait. Gathered in memory, and counted if it is lost. */
  note(what: Happening): void;
  /** False while `record` would fail: an act must be refused before it begins. */
  isReady(): boolean;
}

/** How long notes are gathered, and how long a failed publish waits. Milliseconds. */
const gathering = 200;
const again = 1_000;

/** Notes in memory. */
const capacity = 10_000;

type Context = Pick<ServiceContext<unknown>, 'name' | 'clock' | 'log' | 'metrics' | 'manage'>;

export function openSecurityLog(
  { name, clock, log, metrics, manage }: Context,
  { publisher, keyOf }: { readonly publisher: Publisher; readonly keyOf: KeyOf },
): SecurityLog {
  const dropped = new Counter({
    name: 'mysmtp_security_events_dropped_total',
    help: 'Security events that did not reach the broker and are missing in the audit chain.',
    registers: [metrics],
  });
  const stopping = new AbortController();
  let waiting: Promise<SecurityEvent>[] = [];
  let sending: Promise<void> | undefined;

  async function eventOf(what: Happening): Promise<SecurityEvent> {
    const { address, object = null, operation = null, reason = null, ticket = null } = what;
    const { type, tenant, actor, outcome } = what;
    const at = clock.now();
    const id = uuidv7({ msecs: at });
    const sealed = await sealAddress({ id, at, tenant }, address, keyOf);
    const accountKey = await accountKeyOf(what.account, at, keyOf);
    return {
      id,
      at,
      type,
      tenant,
      actor,
      object,
      operation,
      outcome,
      reason,
      ticket,
      ...sealed,
      ...(accountKey !== undefined && { accountKey }),
    };
  }

  const publish = (events: SecurityEvent[]): Promise<void> =>
    publisher.publish({
      key: routingKeys.securityEvents(name),
      content: contentOf(SecurityEvents, { v: 1, events }),
      // Without a queue no process would chain it.
      mandatory: true,
    });

  /** Sends what has been noted until nothing is left; when the process stops, it tries once more. */
  async function send(): Promise<void> {
    await pause(gathering, stopping.signal);
    while (waiting.length > 0) {
      const batch = waiting.slice(0, securityEventsLimit);
      const isLast = stopping.signal.aborted;
      try {
        await publish(await Promise.all(batch));
        waiting = waiting.slice(batch.length);
      } catch (error) {
        if (!(error instanceof PublishError)) {
          log.error('security.events_not_sent', { error });
          waiting = waiting.slice(batch.length);
          lose(batch.length);
        } else if (isLast) {
          lose(waiting.length);
          waiting = [];
        } else {
          log.debug('security.events_wait', { error, count: waiting.length });
          await pause(again, stopping.signal);
        }
      }
    }
    sending = undefined;
  }

  function lose(count: number): void {
    dropped.inc(count);
    log.error('security.events_dropped', { count });
  }

  function note(what: Happening): void {
    if (waiting.length >= capacity) {
      lose(1);
      return;
    }
    const event = eventOf(what);
    // `send` handles a rejection, later.
    event.catch(() => undefined);
    waiting.push(event);
    sending ??= send();
  }

  const securityLog: SecurityLog = {
    record: async (what) => publish([await eventOf(what)]),
    note,
    isReady: publisher.isReady,
  };
  note({
    type: 'service_started',
    tenant: null,
    actor: { kind: 'service', id: name },
    outcome: 'ok',
  });
  return manage(securityLog, async () => {
    stopping.abort();
    await sending;
  });
}
