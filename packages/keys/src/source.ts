import type { KeyObject } from 'node:crypto';
import type { KeyId, ServiceName } from '@mysmtp/contracts';
import { CallError, type ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import { Counter, type Registry } from 'prom-client';
import { KeyUnavailableError } from './errors.ts';
import { askForKeys, type KeysAnswer } from './handover.ts';

/** Privacy as the source of keys. */
export interface KeySource {
  /** Throws a `KeyUnavailableError` if privacy does not answer. */
  ask(tenant: string, ids: readonly KeyId[] | undefined): Promise<KeysAnswer<KeyObject>>;
  /** True after a call without an answer, until the next call with one. */
  isDown(): boolean;
  /** Time of the last answer. Milliseconds. */
  answeredAt(): number;
}

/**
 * While privacy is down, one call a second checks whether it is back. Calls that come meanwhile wait for its
 * result, all others fail at once. Milliseconds.
 */
const probeEvery = 1_000;

export function createKeySource(options: {
  client: ServiceClient;
  signed: Signed;
  /** The service that requests keys. */
  service: ServiceName;
  clock: { now(): number };
  log: Logger;
  metrics: Registry;
}): KeySource {
  const { clock, log } = options;
  const requests = new Counter({
    name: 'mysmtp_key_requests_total',
    help: 'Requests for keys to privacy, by outcome: ok, unavailable (no answer), refused.',
    labelNames: ['outcome'],
    registers: [options.metrics],
  });
  // Initialized to 0, because an alert needs an increase from 0.
  for (const outcome of ['ok', 'unavailable', 'refused']) requests.inc({ outcome }, 0);
  let down = false;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let nextProbe = 0;
  /** The call that checks whether privacy is back, until it ends. */
  let probe: Promise<unknown> | undefined;

  async function call(
    tenant: string,
    ids: readonly KeyId[] | undefined,
  ): Promise<KeysAnswer<KeyObject>> {
    try {
      const answer = await askForKeys(options, tenant, ids);
      requests.inc({ outcome: 'ok' });
      if (down) log.info('keys.source_recovered');
      down = false;
      answeredAt = clock.now();
      return answer;
    } catch (error) {
      if (isSilence(error)) {
        requests.inc({ outcome: 'unavailable' });
        nextProbe = clock.now() + probeEvery;
        if (!down) log.warn('keys.source_unreachable', { error });
        down = true;
      } else {
        requests.inc({ outcome: 'refused' });
        const code = error instanceof CallError ? error.status : undefined;
        log.error('keys.request_refused', { error, tenant, code });
      }
      throw new KeyUnavailableError();
    }
  }

  async function ask(
    tenant: string,
    ids: readonly KeyId[] | undefined,
  ): Promise<KeysAnswer<KeyObject>> {
    if (probe !== undefined) {
      // If no key was needed for a while, privacy may be back already. So this call does not fail at once.
      await probe;
      return ask(tenant, ids);
    }
    if (!down) return call(tenant, ids);
    if (clock.now() < nextProbe) throw new KeyUnavailableError();
    const called = call(tenant, ids);
    probe = called.catch(() => undefined).finally(() => (probe = undefined));
    return called;
  }

  return { isDown: () => down, answeredAt: () => answeredAt, ask };
}

/**
 * True if no service answered: there was no reply, or only that of a proxy or of privacy without its
 * database.
 */
function isSilence(error: unknown): boolean {
  return error instanceof CallError && [0, 502, 503, 504].includes(error.status);
}
